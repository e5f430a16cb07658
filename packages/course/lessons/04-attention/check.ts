import { Key, Part } from "@noema/atp"
import { Program, Random } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import {
  checks,
  difference,
  firstOf,
  layerSpecs,
  type Nested,
  onAll,
  oneLayer,
  table,
  throughLayer
} from "../../src/check/index.ts"

const { spec } = Program
const rows = spec(["batch", "time", "head"])

type Table = ReadonlyArray<ReadonlyArray<number>>

/** Queries, keys and values of one text, and what each of its places sees: itself and some of those before it. */
const texts = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }))
  .chain(([time, head]) =>
    fc.tuple(
      table(time, head),
      table(time, head),
      table(time, head),
      fc.array(fc.array(fc.boolean(), { minLength: time, maxLength: time }), { minLength: time, maxLength: time })
    )
  )
  .map(
    ([q, k, v, chance]) => [q, k, v, chance.map((row, i) => row.map((seen, j) => i === j || (j < i && seen)))] as const
  )

const softmax = (scores: ReadonlyArray<number>): ReadonlyArray<number> => {
  const most = Math.max(...scores)
  const powers = scores.map((score) => Math.exp(score - most))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}

const weightsOf = (q: Table, k: Table, visible: ReadonlyArray<ReadonlyArray<boolean>>): Table =>
  q.map((query, i) =>
    softmax(
      k.map((key, j) =>
        visible[i]![j]! ? query.reduce((sum, x, d) => sum + x * key[d]!, 0) / Math.sqrt(query.length) : -Infinity
      )
    )
  )

const mixedOf = (weights: Table, v: Table): Table =>
  weights.map((row) => v[0]!.map((_, d) => row.reduce((sum, weight, j) => sum + weight * v[j]![d]!, 0)))

/** Numbers by text, and for each pair of its places. */
type Tables = ReadonlyArray<Table>

/** What is wrong with weights of texts that are to see nothing ahead, if anything is. */
const unlikeWeights = (what: string, tables: Tables): string | null => {
  const ahead = tables.some((rows) => rows.some((row, i) => row.some((weight, j) => j > i && weight !== 0)))
  if (ahead) return `${what}: a weight after the diagonal is not 0`
  const sums = tables.map((rows) => rows.map((row) => row.reduce((sum, weight) => sum + weight, 0)))
  return difference(
    `${what}: the sums of rows`,
    sums,
    sums.map((rows) => rows.map(() => 1))
  )
}

export default checks<typeof import("./solution.ts")>({
  hint: "Tensor.matmul leaves the batch alone and multiplies the last two axes; Tensor.permute(key, [0, 2, 1]) turns keys so that they meet queries. query.sizes[2] is the size of the head.",
  checks: [
    {
      kind: "values",
      name: "attend",
      hint: "Put -Infinity where nothing may be seen (Tensor.where) before the softmax along the last axis: it becomes a weight of exactly 0, and what is left adds up to 1. Where only the other weights differ, look at the root that products are divided by.",
      run: Effect.fnUntraced(function* ({ attend }) {
        const run = yield* Program.make(attend, rows, rows, rows, spec(["time", "time"], "bool"))
        return yield* onAll(texts, ([q, k, v, visible]) => {
          const weights = weightsOf(q, k, visible)
          const at = `of ${q.length} places with heads of ${q[0]!.length}`
          return Effect.map(run([q], [k], [v], visible), (found) => {
            const own = (found.weights.toArray() as ReadonlyArray<Table>)[0]!
            const ahead = own.some((row, i) => row.some((weight, j) => !visible[i]![j]! && weight !== 0))
            return ahead
              ? `a weight ${at} is not 0 where nothing may be seen`
              : (difference(`weights ${at}`, own, weights) ??
                  difference(`mixed ${at}`, found.mixed.toArray() as Nested, [mixedOf(weights, v)]))
          })
        })
      })
    },
    {
      kind: "values",
      name: "attend in a LLaMA",
      hint: "There are several texts now, and none may see another: all that happens stays within a text of the batch.",
      run: Effect.fnUntraced(function* ({ attend }) {
        const run = yield* Program.make((parameters, texts) => throughLayer(attend, parameters, texts), ...layerSpecs)
        return yield* firstOf(
          [1, 2, 3].map((seed) =>
            Effect.gen(function* () {
              const { blocks, norm } = Part.llama.init(Key.fromSeed(seed), oneLayer)
              const texts = yield* Program.compute(Random.normal(Random.key(seed), [2, 5, oneLayer.width]))
              const { ours, theirs } = yield* run({ blocks, norm }, texts)
              for (const [head, weights] of ours.weights.entries()) {
                const what = `in a LLaMA with random parameters, weights of head ${head + 1}`
                const own: Tables = weights.toArray()
                const wrong = unlikeWeights(what, own) ?? difference(what, own, theirs.weights[head]!.toArray())
                if (wrong !== null) return wrong
              }
              return difference(
                "in a LLaMA with random parameters, the states behind its layer",
                ours.hidden.toArray(),
                theirs.hidden.toArray()
              )
            })
          )
        )
      })
    },
    {
      kind: "values",
      name: "sharpened",
      hint: "A softmax undoes a logarithm: softmax(log(w)) is w. Divide in between.",
      run: Effect.fnUntraced(function* ({ sharpened }) {
        const weights = [0.5, 0.25, 0.25, 0, 1, 0, 0.125, 0.125, 0.75]
        const square = [0, 3, 6].map((at) => weights.slice(at, at + 3))
        return yield* firstOf(
          [0.25, 1, 4].map((temperature) =>
            Effect.gen(function* () {
              const run = yield* Program.make((given) => sharpened(given, temperature), spec(["batch", "time", "time"]))
              const wanted = square.map((row) => softmax(row.map((weight) => Math.log(weight) / temperature)))
              const found = (yield* run([square])).toArray() as Nested
              return difference(`weights at a temperature of ${temperature}`, found, [wanted])
            })
          )
        )
      })
    }
  ]
})
