/** How long compiling takes, how few kernels it makes, and what running one more kernel costs. */
import { type Device, Program, Tensor, Wasm } from "@noema/tensor"
import { topological } from "@noema/tensor/graph"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { inProcess, interleave, roundsFor } from "../harness/measure.ts"
import type { BenchModule, Row } from "../harness/module.ts"
import { growth, power } from "../harness/growth.ts"
import { decode, specsFor, steps } from "./decoder.ts"
import { long, type Long, measureLong } from "./long.ts"

export const name = "compile"

/** Layers of the decoder that has limits. */
const depth = 4

export const run: BenchModule["run"] = async ({ quick }) => {
  const first = await onFreshDevice(compileDecoder(depth))
  const repeats = quick ? 2 : 7
  const best = await bestOf(repeats, depth)
  const graph = (layers: number, { operations }: Compilation) =>
    `decoder, ${steps} steps of ${layers} layers, ${operations} operations`
  const row = (what: string, { operations, trace, total, cpu, kernels }: Compilation): Row => ({
    what,
    "trace ms": trace,
    "trace + compile ms": total,
    "us per operation": (1000 * total) / operations,
    "CPU ms": cpu,
    "kernels run": kernels.run,
    "kernels compiled": kernels.compiled,
    "compiled / run": kernels.compiled / kernels.run
  })
  const deeper: Array<Row> = []
  for (const layers of quick ? [2 * depth] : [2 * depth, 4 * depth, 8 * depth]) {
    const compilation = await bestOf(quick ? 1 : 3, layers)
    deeper.push(row(graph(layers, compilation), compilation))
  }
  const overheads: Array<Row> = []
  for (const [kind, link] of Object.entries(links)) overheads.push(await onFreshDevice(dispatch(kind, link, quick)))
  const { rows: chains, claims } = await longPrograms(quick)
  return {
    rows: [
      { ...row(`${graph(depth, first)}, first in the process`, first), "limit ms": 2000 },
      { ...row(`${graph(depth, best)}, best of ${repeats}`, best), "limit ms": 2000 },
      ...deeper,
      ...overheads,
      ...chains
    ],
    notes: [
      "One thread; CPU time counts the engine's own threads too. A fresh device each time, so nothing compiled before is reused. The limit of compiled / run is 0.1. The time per operation says whether compiling grows faster than the graph.",
      "us per kernel: 1,000 dependent kernels on 8x8 values, their own work included, and as the slope between chains of " +
        "1,000 and 2,000, which leaves out what a run costs once. The limit is 2 us.",
      `Long programs, on values of 16 elements: from the function to the first result. ${claims.join(" ")}`
    ]
  }
}

const onFreshDevice = <A, E>(task: Effect.Effect<A, E, Device.Device | Scope.Scope>): Promise<A> =>
  Effect.runPromise(task.pipe(Effect.scoped, Effect.provide(Wasm.layer({ threads: 1 }))))

const bestOf = async (repeats: number, layers: number): Promise<Compilation> => {
  const all: Array<Compilation> = []
  for (let i = 0; i < repeats; i++) all.push(await onFreshDevice(compileDecoder(layers)))
  return all.reduce((a, b) => (a.total < b.total ? a : b))
}

interface Compilation {
  readonly operations: number
  readonly trace: number
  readonly total: number
  readonly cpu: number
  readonly kernels: { readonly run: number; readonly compiled: number }
}

const compileDecoder = Effect.fnUntraced(function* (layers: number) {
  let operations = 0
  let trace = 0
  const [start, cpuStart] = [performance.now(), process.cpuUsage()]
  const program = yield* Program.make((inputs) => {
    const before = performance.now()
    const last = decode(inputs)
    trace = performance.now() - before
    operations = topological([last.node]).filter(({ op }) => op.kind !== "input").length
    return last
  }, specsFor(layers))
  const { kernels } = yield* Program.prepare(program, {})
  const { user, system } = process.cpuUsage(cpuStart)
  const total = performance.now() - start
  return { operations, trace, total, cpu: (user + system) / 1000, kernels } satisfies Compilation
})

const lengths = [500, 2_000, 10_000, 20_000]

const longPrograms = async (quick: boolean) => {
  const rows: Array<Row> = []
  const claims: Array<string> = []
  for (const [what, of] of Object.entries(long)) {
    const measured: Array<Long> = []
    // Before the shortest is measured, the compiler itself has been compiled.
    await onFreshDevice(measureLong(of, 2_000))
    for (const length of quick ? lengths.slice(0, 2) : lengths) {
      let best: Long | undefined
      for (let i = 0; i < (quick ? 1 : 5); i++) {
        const one = await onFreshDevice(measureLong(of, length))
        if (best === undefined || one.cpu < best.cpu) best = one
      }
      measured.push(best!)
      rows.push({
        what: `${what}, ${length}`,
        "trace + compile + run ms": best!.milliseconds,
        "us per operation": (1000 * best!.milliseconds) / length,
        "CPU ms": best!.cpu,
        "kernels run": best!.kernels.run,
        "kernels compiled": best!.kernels.compiled,
        ...(what === "sum of terms" && length === 10_000 ? { "limit ms": 1000 } : {})
      })
    }
    const x = lengths.slice(0, measured.length)
    const cpu = measured.map((each) => each.cpu)
    // The shortest are one kernel, whose engine time has nothing to do with the length of programs.
    const beyond = power(x.slice(1), cpu.slice(1)).toFixed(2)
    claims.push(`${growth(`CPU time of ${what} grows`, "the length", 1.05, x, cpu)}, from ${x[1]} on ${beyond}.`)
  }
  return { rows, claims }
}

/** Each link of a chain is one kernel that needs the result of the one before. */
const links: Record<string, (x: Tensor.Tensor<[8, 8]>, w: Tensor.Tensor<[8, 8]>, at: number) => Tensor.Tensor<[8, 8]>> =
  {
    products: (x, w) => Tensor.matmul(x, w),
    "row kernels": (x, _, at) =>
      at % 2 === 0
        ? Tensor.sub(x, Tensor.max(x, 0, { keepDims: true }))
        : Tensor.sub(x, Tensor.max(x, 1, { keepDims: true }))
  }

const dispatch = (kind: string, link: (typeof links)[string], quick: boolean) =>
  Effect.gen(function* () {
    const data = Float32Array.from({ length: 64 }, (_, i) => (i % 9 === 0 ? 1 : 0))
    const chain = Effect.fnUntraced(function* (length: number) {
      const spec = Program.spec([8, 8])
      const program = yield* Program.make(
        (x, w) => {
          let last = x
          for (let at = 0; at < length; at++) last = link(last, w, at)
          return last
        },
        spec,
        spec
      )
      const { kernels } = yield* Program.prepare(program, {})
      return { kernels, candidate: inProcess(`${length}`, () => Effect.runPromise(program(data, data))) }
    })
    const [one, two] = [yield* chain(1000), yield* chain(2000)]
    const summaries = yield* Effect.promise(() => interleave([one.candidate, two.candidate], roundsFor(quick)))
    const [short, long] = [summaries[0]!.best * 1000, summaries[1]!.best * 1000]
    return {
      what: `chain of ${kind}`,
      "kernels run": one.kernels.run,
      "kernels compiled": one.kernels.compiled,
      "us per kernel": short / one.kernels.run,
      "us per further kernel": (long - short) / (two.kernels.run - one.kernels.run)
    } satisfies Row
  })
