/** Time and planned memory of a training step against batch, sequence, width and depth. */
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import { type StepCase, stepFlops } from "../harness/cases.ts"
import type { BenchOptions, BenchOutcome, Row } from "../harness/module.ts"
import { training } from "../step/training.ts"
import { growth } from "../harness/growth.ts"

export const name = "scale"

const base: StepCase = { kind: "step", d: 64, layers: 4, heads: 2, ff: 176, vocab: 64, batch: 8, seq: 32 }

const wider = (factor: number): Partial<StepCase> => ({ d: 64 * factor, heads: 2 * factor, ff: 176 * factor })

interface Variation {
  readonly variants: ReadonlyArray<Partial<StepCase>>
  /** What memory is to be linear in; time is to be linear in the arithmetic, which counts all of this in. */
  readonly factor: string
  readonly of: (c: StepCase) => number
  /** The power of the factor that memory with checkpoints may grow with. */
  readonly checkpointed: number
}

/** Above 1 for what sizes do to caches and to the best use of vectors. */
const linear = 1.1

const variations: Readonly<Record<string, Variation>> = {
  batch: {
    variants: [8, 16, 32, 64].map((batch) => ({ batch })),
    factor: "the batch",
    of: ({ batch }) => batch,
    checkpointed: linear
  },
  sequence: {
    variants: [32, 64, 128, 256].map((seq) => ({ seq })),
    factor: "the length of the sequence",
    of: ({ seq }) => seq,
    checkpointed: linear
  },
  width: {
    variants: [1, 2, 4].map(wider),
    factor: "the square of the width",
    of: ({ d }) => d * d,
    checkpointed: linear
  },
  depth: {
    variants: [4, 8, 16, 32].map((layers) => ({ layers })),
    factor: "the depth",
    of: ({ layers }) => layers,
    checkpointed: 0.5
  }
}

export const run = async ({ quick }: BenchOptions): Promise<BenchOutcome> => {
  const rows: Array<Row> = []
  const claims: Array<string> = []
  for (const [what, { variants, factor, of, checkpointed }] of Object.entries(variations)) {
    const cases = (quick ? variants.slice(0, 2) : variants).map((variant) => ({ ...base, ...variant }))
    const plain: Array<Measured> = []
    const again: Array<Measured> = []
    for (const c of cases) {
      plain.push(await measure(c, 1, quick))
      again.push(await measure(c, Math.ceil(Math.sqrt(c.layers)), quick))
      rows.push(row(what, c, plain.at(-1)!, again.at(-1)!))
    }
    const x = cases.map(of)
    const bytes = (all: ReadonlyArray<Measured>) => all.map((each) => each.bytes)
    const milliseconds = plain.map((each) => each.milliseconds)
    const facts = [
      growth("time", "the arithmetic", linear, cases.map(stepFlops), milliseconds),
      growth("memory", factor, linear, x, bytes(plain)),
      growth("memory with checkpoints", factor, checkpointed, x, bytes(again))
    ]
    claims.push(`As the ${what} grows, ${facts.join(", ")}.`)
  }
  return {
    rows,
    notes: [
      "One thread, no engine flags. MiB: planned before the run, all that a step needs beside weights, moments and tokens. Checkpoints: groups of the root of the depth, of which only the inputs are kept for the backward pass.",
      ...claims
    ]
  }
}

interface Measured {
  readonly milliseconds: number
  readonly bytes: number
  readonly compiling: number
  readonly run: number
  readonly compiled: number
}

const row = (what: string, c: StepCase, plain: Measured, again: Measured): Row => ({
  varied: what,
  d: c.d,
  layers: c.layers,
  batch: c.batch,
  seq: c.seq,
  ms: plain.milliseconds,
  "us per token": (1e3 * plain.milliseconds) / (c.batch * c.seq),
  GF: stepFlops(c) / plain.milliseconds / 1e6,
  MiB: plain.bytes / 2 ** 20,
  "KiB per token": plain.bytes / 1024 / (c.batch * c.seq),
  "ms, checkpoints": again.milliseconds,
  "MiB, checkpoints": again.bytes / 2 ** 20,
  kernels: plain.run,
  compiled: plain.compiled,
  "compile ms": plain.compiling
})

/** The fastest of at least eight steps and of two seconds of them. */
const measure = (c: StepCase, group: number, quick: boolean): Promise<Measured> =>
  Effect.gen(function* () {
    const start = performance.now()
    const { step, prepared } = yield* training(c, group)
    const { plannedBytes, kernels } = yield* prepared
    const compiling = performance.now() - start
    let milliseconds = Infinity
    const [rounds, until] = quick ? [2, 0] : [8, performance.now() + 2000]
    for (let i = 0; i < rounds || performance.now() < until; i++) {
      const before = performance.now()
      yield* step
      milliseconds = Math.min(milliseconds, performance.now() - before)
    }
    return { milliseconds, bytes: plannedBytes, compiling, ...kernels }
  }).pipe(Effect.scoped, Effect.provide(Wasm.layer({ threads: 1 })), Effect.runPromise)
