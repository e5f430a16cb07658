/** Probes of an exercise, fitted on latents of a model and held against the library's. */
import { Evaluate, type Model, type Reward } from "@noema/atp"
import { valueAndGrad } from "@noema/autodiff"
import { type Device, named, Program, Resident, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Failed } from "./thinker.ts"

/** A linear probe, as lesson 12 has it. */
interface Probe {
  readonly weights: Tensor.Tensor<["width", "labels"]>
  readonly offset: Tensor.Tensor<["labels"]>
}
type Latents = Tensor.Tensor<["latents", "width"]>

/** What an exercise says of a probe: its scores, and what it is fitted by. */
export interface Probing {
  readonly scoresOf: (probe: Probe, latents: Latents) => Tensor.Tensor<["latents", "labels"]>
  readonly probeLoss: (probe: Probe, latents: Latents, labels: Tensor.Tensor<["latents"], "i32">) => Tensor.Tensor<[]>
}

/** How often something is read out of latents. */
export interface Read {
  readonly own: number
  readonly library: number
  readonly chance: number
  /** How many latents were asked. */
  readonly of: number
}

/** Steps down the gradient, and how far each goes: the loss moves no more after them. */
const [steps, rate] = [600, 0.5]

/** The first latent of an attempt, and what the step comes to that it is spelt as; none where that is of no chain. */
const firstOf = Effect.fnUntraced(function* (attempts: ReadonlyArray<Model.Rollout>) {
  const all = yield* Effect.forEach(attempts, (attempt: Reward.Attempt) =>
    Effect.map(attempt.latents.values(), ({ data, shape: [count = 0, width = 0] }) => {
      const text = attempt.language.normalise(attempt.steps[0] ?? "")
      const result = attempt.language.goldSteps(attempt.problem).has(text) ? attempt.language.read(text)?.result : null
      return { attempt, thought: { count, data }, row: Array.from(data.slice(0, width)), result: result ?? null }
    })
  )
  return all.filter(({ result }) => result !== null)
})

/** Numbers less the mean of their column among some, in its deviations. */
const standardising = (rows: ReadonlyArray<ReadonlyArray<number>>) => {
  const columns = rows[0]!.map((_, j) => {
    const column = rows.map((row) => row[j]!)
    const mean = column.reduce((sum, x) => sum + x, 0) / rows.length
    return { mean, deviation: Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / rows.length) }
  })
  return (row: ReadonlyArray<number>) => row.map((x, j) => (x - columns[j]!.mean) / (columns[j]!.deviation || 1))
}

/**
 * How often the result of the first spelt step is read out of its latent: by an exercise's probe, by the library's, and by saying
 * the commonest. Both probes are fitted on some attempts and asked of others.
 */
export const probed = Effect.fnUntraced(function* (
  { probeLoss, scoresOf }: Probing,
  attempts: Readonly<Record<"asked" | "fitted", ReadonlyArray<Model.Rollout>>>
): Effect.fn.Return<Read, Failed, Device.Device | Scope.Scope> {
  const [known, asked] = [yield* firstOf(attempts.fitted), yield* firstOf(attempts.asked)]
  const values = [...new Set(known.map(({ result }) => result))].toSorted()
  const scaled = standardising(known.map(({ row }) => row))
  const first = {
    weights: Tensor.zeros([named("width", known[0]!.row.length), named("labels", values.length)]),
    offset: Tensor.zeros([named("labels", values.length)])
  }
  const probe = yield* Resident.make(first)
  const specs = Program.specsOf(first)
  const step = yield* Program.make(
    (now, latents, labels) => {
      const { gradient, value } = valueAndGrad(probeLoss)(now, latents, labels)
      const next = {
        weights: Tensor.sub(now.weights, Tensor.mul(gradient.weights, rate)),
        offset: Tensor.sub(now.offset, Tensor.mul(gradient.offset, rate))
      }
      return [next, value] as const
    },
    specs,
    Program.spec(["latents", "width"]),
    Program.spec(["latents"], "i32")
  )
  const rows = known.map(({ row }) => scaled(row))
  const labels = known.map(({ result }) => values.indexOf(result))
  for (let made = 0; made < steps; made++) yield* Program.update(step, probe, rows, labels)
  const score = yield* Program.make(scoresOf, specs, Program.spec(["latents", "width"]))
  const scores = (yield* score(
    probe,
    asked.map(({ row }) => scaled(row))
  )).toArray()
  const said = scores.map((row) => values[row.indexOf(Math.max(...row))])
  const probes = Evaluate.probesOf(known, 1)(asked)
  const { accuracy: library, chance } = probes.find(({ place, property }) => place === 0 && property === "result")!
  const right = said.filter((value, i) => value === asked[i]!.result).length
  return { own: right / asked.length, library, chance, of: asked.length }
})
