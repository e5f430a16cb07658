/** A cell of the study: one method on one bed with one seed, and perhaps a way on from there. */
import { Pipeline, Reward } from "@noema/atp"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { type Bed, type BedName, beds, taskOf } from "./beds.ts"
import { type MethodName, methods } from "./methods.ts"

const { chainSolves, coherence, correctness, format, recipe, shuffled, stepValidity, weighted } = Reward

/** Ways on from a trained model; `start` is none. */
export type WayName =
  | "start"
  | "more"
  | "replay"
  | "answers"
  | "full"
  | "accuracy"
  | "coherence"
  | "random"
  | "shuffled"

/** Minutes that a way takes on two free cores, and the step of a pipeline, which makes a stage of that name. */
interface Way {
  readonly minutes: number
  readonly step: (name: string) => Pipeline.Step
}

const rewarded = (reward: Reward.Reward): Way => ({
  minutes: 1.5,
  step: (name) => Pipeline.reinforce({ name, reward })
})

/** Coherence counts as much as an answer does: what it adds is to be seen. */
const weights = [1, 0.5, 1] as const
const full = recipe("full", "strict", weights)

/** Ways on by name. */
export const ways: Readonly<Record<WayName, Way>> = {
  start: { minutes: 0, step: () => (pipeline) => pipeline },
  more: { minutes: 1.5, step: (name) => Pipeline.extend({ name }) },
  replay: {
    minutes: 1.5,
    step: (name) => Pipeline.reinforce({ name, reward: full, replay: { chains: 64, weight: 0 } })
  },
  answers: { minutes: 1.5, step: (name) => Pipeline.answers({ name }) },
  full: rewarded(full),
  accuracy: rewarded(recipe("accuracy")),
  coherence: rewarded(recipe("coherence")),
  random: rewarded(recipe("random")),
  /** Right answers dealt out anew among the attempts of a round. */
  shuffled: rewarded(
    weighted([
      [1, shuffled(correctness)],
      [0.5, format]
    ])
  )
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
export const minutesOf = ({ way }: Cell): number => supervisedMinutes + ways[way].minutes

/** Rewards that attempts are judged by, beside their answers. */
const watch = [coherence("strict"), stepValidity, chainSolves]

/** The pipeline of a cell. */
export const pipelineOf = ({ bed: name, method, seed, way }: Cell): Pipeline.Pipeline => {
  const bed: Bed = beds[name]
  return Pipeline.pipeline({ task: taskOf(bed), method: methods[method], seed, ...bed.run }).pipe(
    Pipeline.supervise({ name: method }),
    ways[way].step(`${method}-${way}`),
    Pipeline.evaluate({ sets: ["id"], watch, card: true, passes: true })
  )
}

/** The pipeline that the stages of a cell share with others: what runs in one folder. */
export const folderOf = ({ bed, seed }: Cell): string => {
  const content = JSON.stringify(beds[bed])
  return `${bed}-${seed}-${createHash("sha256").update(content).digest("hex").slice(0, 8)}`
}

/** A digest of all that a cell is: its bed, and its stages with their methods and options. */
export const digestOf = (cell: Cell): Effect.Effect<string, { readonly message: string }> =>
  Effect.map(Pipeline.digests(pipelineOf(cell)), (stages) =>
    createHash("sha256")
      .update(JSON.stringify([beds[cell.bed], stages]))
      .digest("hex")
      .slice(0, 16)
  )
