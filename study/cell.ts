/** A cell of the study: one method on one bed with one seed, and perhaps a way on from there. */
import { Pipeline, Reward, Search } from "@noema/atp"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { type Bed, type BedName, beds, setOf, taskOf } from "./beds.ts"
import { type MethodName, methods } from "./methods.ts"

const { chainSolves, coherence, correctness, format, recipe, shuffled, stepValidity, weighted } = Reward

/**
 * Ways on from a trained model. `start` is none; those from `forced` to `full-seen` train as another does, and ask otherwise; those
 * from `vote` on make one answer of several attempts, of methods that draw no latents themselves.
 */
export type WayName =
  | "start"
  | "forced"
  | "seen"
  | "told"
  | "longer"
  | "full-longer"
  | "answers-longer"
  | "random-longer"
  | "full-seen"
  | "more"
  | "replay"
  | "answers"
  | "full"
  | "accuracy"
  | "coherence"
  | "random"
  | "shuffled"
  | "vote"
  | "best"
  | "best-coherent"
  | "best-random"

interface Failure {
  readonly message: string
}

/** Minutes that a way takes on two free cores, what it adds to a pipeline, and how the model is asked then. */
interface Way {
  readonly minutes: number
  readonly step: (method: MethodName) => Pipeline.Step
  readonly asks?: Pipeline.EvaluateOptions<Failure, never>
}

const rewarded = (name: WayName, reward: Reward.Reward): Way => ({
  minutes: 0.5,
  step: (method) => Pipeline.reinforce({ name: `${method}-${name}`, reward })
})

/** Coherence counts as much as an answer does: what it adds is to be seen. */
const weights = [1, 0.5, 1] as const
const full = recipe("full", "strict", weights)

const start: Way = { minutes: 0, step: () => (pipeline) => pipeline }
const reinforced = rewarded("full", full)
const seen: Way["asks"] = { sets: ["train"] }
const longer: Way["asks"] = { sets: ["long"] }
const answers: Way = { minutes: 0.5, step: (method) => Pipeline.answers({ name: `${method}-answers` }) }
const random = rewarded("random", recipe("random"))

/** Attempts of a search, and the noise by which they differ: that of `sim-cot-noisy`. */
const [attempts, noise] = [8, 0.4]
const searched = (search: Search.Search<Failure>): Pick<Way, "asks"> => ({
  asks: { search: Search.withNoise(search, noise), card: false, passes: false }
})
const bestBy = (reward: Reward.Reward<Failure>) => searched(Search.bestOf(attempts, reward))

/** Ways on by name. */
export const ways: Readonly<Record<WayName, Way>> = {
  start,
  forced: { ...start, asks: { stops: "never" } },
  seen: { ...start, asks: seen },
  told: { ...start, asks: { tells: true } },
  longer: { ...start, asks: longer },
  "full-longer": { ...reinforced, asks: longer },
  "answers-longer": { ...answers, asks: longer },
  "random-longer": { ...random, asks: longer },
  "full-seen": { ...reinforced, asks: seen },
  more: { minutes: 1, step: (method) => Pipeline.extend({ name: `${method}-more` }) },
  replay: {
    minutes: 0.5,
    step: (method) => Pipeline.reinforce({ name: `${method}-replay`, reward: full, replay: { chains: 64, weight: 0 } })
  },
  answers,
  full: reinforced,
  accuracy: rewarded("accuracy", recipe("accuracy")),
  coherence: rewarded("coherence", recipe("coherence")),
  random,
  /** Right answers dealt out anew among the attempts of a round. */
  shuffled: rewarded(
    "shuffled",
    weighted([
      [1, shuffled(correctness)],
      [0.5, format]
    ])
  ),
  vote: { ...start, ...searched(Search.vote(attempts)) },
  best: {
    minutes: 1,
    step: (method) => Pipeline.rank({ name: `${method}-rm`, noise }),
    ...bestBy(Reward.learned)
  },
  "best-coherent": { ...start, ...bestBy(coherence("strict")) },
  "best-random": { ...start, ...bestBy(Reward.random) }
}

/** A cell. */
export interface Cell {
  readonly bed: BedName
  readonly method: MethodName
  readonly way: WayName
  readonly seed: number
}

/** `arithmetic.atp-latent.full.1`, which is its name in `--only`, in results and on the page. */
export const idOf = ({ bed, method, seed, way }: Cell): string => [bed, method, way, seed].join(".")

const supervisedMinutes = 1.5

/** Minutes that a cell takes on two free cores where the supervised stage is to be trained as well. */
export const minutesOf = ({ bed, way }: Cell): number => {
  const { minutes = supervisedMinutes }: Bed = beds[bed]
  return minutes + ways[way].minutes
}

/** Rewards that attempts are judged by, beside their answers. */
const watch = [coherence("strict"), stepValidity, chainSolves]

/** The pipeline of a cell. */
export const pipelineOf = ({ bed: name, method, seed, way }: Cell) => {
  const bed: Bed = beds[name]
  return Pipeline.pipeline({ task: taskOf(bed), method: methods[method], seed, ...bed.run }).pipe(
    Pipeline.supervise({ name: method }),
    ways[way].step(method),
    Pipeline.evaluate({ sets: [setOf(bed)], watch, card: true, passes: true, ...ways[way].asks })
  )
}

/** The pipeline that the stages of a cell share with others: what runs in one folder. */
export const folderOf = ({ bed, seed }: Cell): string => {
  const content = JSON.stringify(beds[bed])
  return `${bed}-${seed}-${createHash("sha256").update(content).digest("hex").slice(0, 8)}`
}

/** A digest of all that a cell is: its bed, its stages with their methods and options, and how it is asked if otherwise than most. */
export const digestOf = (cell: Cell): Effect.Effect<string, { readonly message: string }> =>
  Effect.map(Pipeline.digests(pipelineOf(cell)), (stages) =>
    createHash("sha256")
      .update(JSON.stringify([beds[cell.bed], stages, ...[ways[cell.way].asks ?? []].flat()]))
      .digest("hex")
      .slice(0, 16)
  )
