/** What is learnt in the study: tasks with the options of a run. All that a cell is made of beside its method and its seed. */
import { type Pipeline, Task } from "@noema/atp"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** A task, and the options of a run on it, as plain data. */
export interface Bed {
  /** What it is, for the page. */
  readonly says: string
  /** Of files the one to train on, and the one to be asked from, in the folder of data beside the repository. */
  readonly task:
    | { readonly name: "arithmetic" | "cups" | "walk"; readonly options: Readonly<Record<string, unknown>> }
    | { readonly name: "files"; readonly options: { readonly train: string; readonly test: string } }
  /** Minutes that a supervised stage takes on two free cores, if not as many as on most. */
  readonly minutes?: number
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
  onward: {
    says: "the test-bed, every chain the leftmost; attempts may take five steps, and reinforcement asks for three to five, though no chain has more than three",
    task: { name: "arithmetic", options: { canonicalLabels: true, reinforced: [3, 5] } },
    run: {
      evaluate: 1000,
      model: { steps: 5 },
      reinforcement: { rounds: 300, replay: { chains: 64, weight: 0.1 } }
    }
  },
  words: {
    says: "GSM8K, whose steps are equations, with a vocabulary of 2000 pieces and a model that begins from nothing",
    task: { name: "files", options: { train: "gsm8k/train.jsonl", test: "gsm8k/test.jsonl" } },
    minutes: 12,
    run: { evaluate: 1000 }
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

const dataFolder = fileURLToPath(new URL("../../shared/data/", import.meta.url))

/** A file that a bed takes and that is not there; null where it can be run. */
export const missingFile = ({ task }: Bed): string | null =>
  task.name === "files"
    ? ([task.options.train, task.options.test].map((file) => dataFolder + file).find((file) => !existsSync(file)) ??
      null)
    : null

/** The data set of a bed. */
export const taskOf = ({ task }: Bed) =>
  task.name === "files"
    ? Task.fromFiles(dataFolder + task.options.train, [dataFolder + task.options.test])
    : Task[task.name](task.options)

/** The test set that a bed is asked from. */
export const setOf = ({ task }: Bed): string => (task.name === "files" ? task.options.test.split("/").at(-1)! : "id")
