/** Time and planned memory of a training step against batch, sequence, width and depth. */
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import { type StepCase, stepFlops } from "../harness/cases.ts"
import type { BenchOptions, BenchOutcome, Row } from "../harness/module.ts"
import { training } from "../step/training.ts"

export const name = "scale"

const base: StepCase = { kind: "step", d: 64, layers: 4, heads: 2, ff: 176, vocab: 64, batch: 8, seq: 32 }

const wider = (factor: number): Partial<StepCase> => ({ d: 64 * factor, heads: 2 * factor, ff: 176 * factor })

const variations: Readonly<Record<string, ReadonlyArray<Partial<StepCase>>>> = {
  batch: [8, 16, 32, 64].map((batch) => ({ batch })),
  sequence: [32, 128, 512].map((seq) => ({ seq })),
  width: [1, 2, 4].map(wider),
  depth: [4, 16, 64].map((layers) => ({ layers }))
}

export const run = async ({ quick }: BenchOptions): Promise<BenchOutcome> => {
  const rows: Array<Row> = []
  for (const [what, variants] of Object.entries(variations))
    for (const variant of quick ? variants.slice(0, 2) : variants) {
      const c = { ...base, ...variant }
      const plain = await measure(c, 1, quick ? 2 : 8)
      const again = await measure(c, Math.ceil(Math.sqrt(c.layers)), quick ? 2 : 8)
      rows.push({
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
    }
  return {
    rows,
    notes: [
      "One thread. MiB: planned before the run, all that a step needs beside weights, moments and tokens. Checkpoints: groups of the root of the depth, of which only the inputs are kept for the backward pass."
    ]
  }
}

const measure = (c: StepCase, group: number, rounds: number) =>
  Effect.gen(function* () {
    const start = performance.now()
    const { step, prepared } = yield* training(c, group)
    const { plannedBytes, kernels } = yield* prepared
    const compiling = performance.now() - start
    let milliseconds = Infinity
    for (let i = 0; i < rounds; i++) {
      const before = performance.now()
      yield* step
      milliseconds = Math.min(milliseconds, performance.now() - before)
    }
    return { milliseconds, bytes: plannedBytes, compiling, ...kernels }
  }).pipe(Effect.scoped, Effect.provide(Wasm.layer({ threads: 1, engineFlags: true })), Effect.runPromise)
