/** What is learnt in the study: tasks with the options of a run. All that a cell is made of beside its method and its seed. */
import { type Pipeline, Task } from "@noema/atp"

/** A task, and the options of a run on it, as plain data. */
export interface Bed {
  /** What it is, for the page. */
  readonly says: string
  readonly task: { readonly name: "arithmetic" | "cups" | "walk"; readonly options: Readonly<Record<string, unknown>> }
  readonly run: {
    readonly evaluate: number
    readonly model?: Readonly<Record<string, number>>
    readonly supervised?: Readonly<Record<string, number>>
    readonly reinforcement?: Pick<Pipeline.ReinforceOptions<never, never>, "replay" | "rounds">
  }
}

const run = { evaluate: 1000 }

/** The beds by name. */
export const beds = {
  arithmetic: { says: "the test-bed of `npm start`", task: { name: "arithmetic", options: {} }, run },
  canonical: {
    says: "the test-bed, every chain the leftmost instead of any of the equivalent ones",
    task: { name: "arithmetic", options: { canonicalLabels: true } },
    run
  },
  short: {
    says: "the test-bed, all chains of two steps",
    task: { name: "arithmetic", options: { fewest: 2, steps: 2 } },
    run
  },
  deep: {
    says: "the test-bed, all chains of five steps",
    task: { name: "arithmetic", options: { fewest: 5, steps: 5 } },
    run
  },
  converged: {
    says: "the test-bed, 2000 chains gone over until more of it no longer helps: where reinforcement starts from",
    task: { name: "arithmetic", options: {} },
    run: {
      evaluate: 2000,
      supervised: { problems: 2000, final: 2800 },
      reinforcement: { rounds: 300, replay: { chains: 64, weight: 0.1 } }
    }
  },
  pairs: {
    says: "the test-bed with two latents for every step",
    task: { name: "arithmetic", options: {} },
    run: { ...run, model: { perStep: 2 } }
  },
  walk: {
    says: "a walk along the edges of a shuffled ring, without twins",
    task: { name: "walk", options: { branching: 0 } },
    run: { evaluate: 1000, supervised: { warmStart: 1300, perStage: 400, final: 600 } }
  },
  cups: { says: "cups that change places over a ball", task: { name: "cups", options: {} }, run }
} as const satisfies Record<string, Bed>

/** A bed by name. */
export type BedName = keyof typeof beds

/** The data set of a bed. */
export const taskOf = ({ task: { name, options } }: Bed): Task.GeneratedTask => Task[name](options)
