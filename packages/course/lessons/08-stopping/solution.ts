/** 08 stopping: when it has been enough, and what happens where it has not. */
import { Method, Methods, type Model, type Reward, Stop } from "@noema/atp"
import { type Dim, Tensor } from "@noema/tensor"

/**
 * A rule that stops once there are so many latents. It is asked when a latent is proposed, says for every row of the batch whether
 * to stop there (the proposal is then dropped), and what it is at the next latent.
 */
export const stopAfter = (latents: number): Stop.StopRule =>
  Stop.watching(`after ${latents}`, <B extends Dim>() => {
    /** The rule where there are `count` latents already. */
    const having =
      (count: number): Stop.Watching<B> =>
      ({ latent }) => {
        const counted: Tensor.Tensor<[B]> = Tensor.full([Tensor.dim(latent, 0)], count)
        const stops: Tensor.Tensor<[B], "bool"> = Tensor.ge(counted, latents)
        const next: Stop.Watching<B> = having(count + 1)
        return { stops, next }
      }
    return having(0)
  })

/** A trained model that stops by another rule: the same numbers under a variant of its method. */
export const withRule = (model: Model.Trained, rule: Stop.StopRule): Model.Trained => {
  const method = Method.variant(Methods.atpLatentGrounded, {
    name: `Stopped ${rule.name}`,
    summary: "stops by a rule of its own",
    stop: () => rule
  })
  return { ...model, method }
}

/** The share of attempts that are right. */
export const accuracy = (attempts: ReadonlyArray<Reward.Attempt>): number =>
  attempts.filter(({ answer, problem }) => answer === problem.answer).length / attempts.length

/**
 * The mean chance of stopping at a place (0 is the first latent), of those attempts that got there: `stopChances` of an attempt
 * has one for every latent that was proposed, the one at which it stopped included.
 */
export const chanceAt = (attempts: ReadonlyArray<Reward.Attempt>, place: number): number => {
  const chances: ReadonlyArray<number> = attempts.flatMap(({ stopChances }) => stopChances.slice(place, place + 1))
  return chances.reduce((sum, chance) => sum + chance, 0) / chances.length
}

/** A point of a plot: a place, and the mean chance of stopping there. */
export type Point = readonly [place: number, chance: number]

/** The points that are plotted of some attempts: one for every place that at least one of them got to, from 0 on. */
export const curve = (attempts: ReadonlyArray<Reward.Attempt>): ReadonlyArray<Point> => {
  const places: number = Math.max(0, ...attempts.map(({ stopChances }) => stopChances.length))
  return Array.from({ length: places }, (_, place): Point => [place, chanceAt(attempts, place)])
}
