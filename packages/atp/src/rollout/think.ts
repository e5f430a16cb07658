/** Latents taken one after the other until a rule stops, on the device. */
import { type Dim, Tensor } from "@noema/tensor"
import { advance, type Context, holding } from "../context/context.ts"
import type { StepPolicy } from "../policy/policy.ts"
import type { StopRule } from "../stop/stop.ts"

/** How latents are taken and how it is decided to stop. */
export interface ThoughtOptions {
  /** Sample latents and stops, or take the mode and the more likely side. */
  readonly latents: "mean" | "sampled"
  readonly stops: "likely" | "sampled"
}

/** Chance for one latent: standard normal noise, and uniform numbers that a stop is decided with. */
export interface Chance<B extends Dim> {
  readonly noise: Tensor.Tensor<[B, "width"]>
  readonly uniform: Tensor.Tensor<[B]>
}

/** What was thought. */
export interface Taken<B extends Dim> {
  readonly context: Context<B>
  /** By time. The latent at which a sequence stopped is behind those that it kept. */
  readonly latents: ReadonlyArray<Tensor.Tensor<[B, "width"]>>
  /** Latents that were kept. */
  readonly used: Tensor.Tensor<[B], "i32">
  /** The probability of stopping at the start of each group. */
  readonly stopChances: ReadonlyArray<Tensor.Tensor<[B]>>
}

/** Up to `maxSteps` groups of `perStep` latents. A rule that decides is asked at the first latent of each group. */
export const take = <B extends Dim>(
  { policy, stop }: { readonly policy: StepPolicy; readonly stop: StopRule },
  context: Context<B>,
  options: ThoughtOptions & { readonly maxSteps: number; readonly perStep: number },
  chance: (t: number) => Chance<B>
): Taken<B> => {
  let thinking = Tensor.gt(Tensor.add(Tensor.mul(context.state.next, 0), 1), 0)
  let used = Tensor.zerosLike(Tensor.cast(thinking, "i32"))
  const latents: Array<Tensor.Tensor<[B, "width"]>> = []
  const stopChances: Array<Tensor.Tensor<[B]>> = []
  for (let t = 0; t < options.maxSteps * options.perStep; t++) {
    const { noise, uniform } = chance(t)
    const { hidden } = context.state
    const dist = policy.dist(hidden)
    const latent = options.latents === "mean" ? dist.mode : dist.at(noise)
    latents.push(latent)
    if (stop.logits !== null && t % options.perStep === 0) {
      const chanceOfStop = Tensor.at(Tensor.softmax(stop.logits({ latent, hidden })), 1, 1)
      stopChances.push(chanceOfStop)
      const stops = options.stops === "likely" ? Tensor.gt(chanceOfStop, 0.5) : Tensor.lt(uniform, chanceOfStop)
      thinking = Tensor.and(thinking, Tensor.not(stops))
    }
    // A sequence that has stopped stays in the state it had, so that what it writes does not depend on the others.
    context = holding(advance(context, latent, thinking), context, thinking)
    used = Tensor.add(used, Tensor.cast(thinking, "i32"))
  }
  return { context, latents, used, stopChances }
}
