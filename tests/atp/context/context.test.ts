/** A context that grows row by row sees what one pass over all rows sees. */
import { Config, Context, Key, Methods } from "../inside.ts"
import { Tensor } from "@noema/tensor"
import fc from "fast-check"
import { expect, test } from "vitest"
import { farthest, numbers, put, small, smallConfig } from "../small.ts"

const experiment = small()
const { backbone } = put(experiment, Methods.methods.coconut)
const { width } = experiment.sizes
/** Two layers: of the first every row is needed, of the second the last. */
const { backbone: deep } = put(
  small(new Config.RunConfig({ ...smallConfig, model: new Config.ModelConfig({ ...smallConfig.model, layers: 2 }) })),
  Methods.methods.coconut
)

const rowsOf = (seed: number, batch: number, time: number) => {
  const random = Key.draws(Key.fromSeed(seed))
  const data = Float32Array.from({ length: batch * time * width }, () => 2 * random.uniform() - 1)
  return Tensor.fromNode(Tensor.fromArray(data, [batch, time, width]).node, [
    "batch",
    "time",
    "width"
  ]) as Tensor.Tensor<["batch", "time", "width"]>
}
const truths = (rows: ReadonlyArray<ReadonlyArray<boolean>>) =>
  Tensor.fromNode(Tensor.fromArray(rows.map((row) => [...row])).node, ["batch", "time"]) as Tensor.Tensor<
    ["batch", "time"],
    "bool"
  >
const part = <N extends string, D extends Tensor.DType>(
  x: Tensor.Tensor<["batch", "time", ...Array<never>], D> | Tensor.AnyTensor,
  from: number,
  to: number,
  name: N
): any => {
  const cut = Tensor.slice(x as Tensor.Tensor<["batch", "time", "width"]>, 1, [from, to])
  return Tensor.fromNode(cut.node, (x.shape as ReadonlyArray<string>).with(1, name))
}

test("row by row, in blocks, at new slots or in room known when traced or when run: the same hidden states", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(99),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), { minLength: 2, maxLength: 2 }),
      fc.boolean(),
      async (seed, asked, block, pattern, whenTraced) => {
        const time = asked + 5
        // Of the question the last row is there; what is left out of it comes first.
        const valid = pattern.map((kept) => [...Array.from({ length: asked }, (_, i) => i >= asked - 1), ...kept])
        const rows = rowsOf(seed, 2, time)
        const kept = truths(valid)
        const whole = Context.read(backbone, rows, kept).hidden
        const question: Context.Added<"batch", "question"> = Context.read(
          backbone,
          part(rows, 0, asked, "question"),
          part(kept, 0, asked, "question")
        )
        let context = question.context
        const roomFrom = asked + (seed % 6)
        const stepwise: Array<Tensor.AnyTensor> = [question.hidden]
        for (let at = asked; at < time;) {
          const length = Math.min(block, time - at)
          if (at >= roomFrom && typeof context.at === "number")
            context = {
              ...context,
              state: Context.withRoom(context, time),
              at: whenTraced ? at : Tensor.scalar(at, "i32")
            }
          if (length === 1) {
            const row = Tensor.at(rows, 1, at)
            context = Context.advance(context, row, Tensor.at(kept, 1, at))
            stepwise.push(Tensor.expandDims(context.state.hidden, 1))
          } else {
            const added: Context.Added<"batch", "block"> = Context.append(
              context,
              part(rows, at, at + length, "block"),
              part(kept, at, at + length, "block")
            )
            context = added.context
            stepwise.push(added.hidden)
          }
          at += length
        }
        const all = await numbers([whole, ...stepwise])
        const host = all.slice(1).map(({ data, sizes }) => ({ data, time: sizes[1]! }))
        for (let row = 0; row < 2; row++) {
          let at = 0
          for (const { data, time: length } of host) {
            for (let t = 0; t < length; t++, at++) {
              if (!valid[row]![at]) continue
              const from = (row * time + at) * width
              const own = (row * length + t) * width
              expect(farthest(all[0]!.data.slice(from, from + width), data.slice(own, own + width))).toBeLessThan(1e-9)
            }
          }
        }
      }
    ),
    { numRuns: 15 }
  )
})

test("a prefilled context is the one that has read the rows: what it will be asked for is the same", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(99), fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), async (seed, left) => {
      const rows = rowsOf(seed, 2, 4)
      const valid = truths([
        [...left, true],
        [true, ...left.slice(1), true]
      ])
      const [read, prefilled] = await numbers([
        Context.read(deep, rows, valid).context.state,
        Context.prefill(deep, rows, valid).state
      ])
      expect(prefilled.cache).toHaveLength(2)
      prefilled.cache.forEach(({ key, value }, layer) => {
        expect(farthest(key.data, read.cache[layer]!.key.data)).toBe(0)
        expect(farthest(value.data, read.cache[layer]!.value.data)).toBe(0)
      })
      expect(prefilled.seen.data).toEqual(read.seen.data)
      expect(prefilled.next.data).toEqual(read.next.data)
      expect(farthest(prefilled.hidden.data, read.hidden.data)).toBeLessThan(1e-9)
    }),
    { numRuns: 10 }
  )
})

test.each(["new", "known when traced", "known when run"] as const)(
  "a row that is not kept leaves nothing behind, even where it is NaN: slots %s",
  async (slots) => {
    const begun = Context.prefill(deep, rowsOf(1, 2, 2), truths([0, 1].map(() => [true, true])))
    const roomy: Context.Context<"batch"> =
      slots === "new"
        ? begun
        : {
            ...begun,
            state: Context.withRoom(begun, 4),
            at: slots === "known when traced" ? begun.at : Tensor.scalar(begun.at as number, "i32")
          }
    const kept = Tensor.at(truths([[false], [true]]), 1, 0)
    const all = Tensor.onesLike(kept)
    const [middle, last] = [2, 3].map((seed) => Tensor.at(rowsOf(seed, 2, 1), 1, 0))
    const after = (row: Tensor.Tensor<["batch", "width"]>) =>
      Context.advance(Context.advance(roomy, row, kept), last!, all)
    const broken = Tensor.where(Tensor.expandDims(kept, 1), middle!, NaN)
    const [left, unhurt] = await numbers([after(broken).state.hidden, after(middle!).state.hidden])
    expect([...left.data]).toEqual([...unhurt.data])
    expect([...left.data].every(Number.isFinite)).toBe(true)
  }
)

test("rows of a context are contexts: several attempts share what was read once", async () => {
  const question = rowsOf(4, 2, 3)
  const { context } = Context.read(
    backbone,
    question,
    truths([
      [true, true, true],
      [false, true, true]
    ])
  )
  const which = Tensor.fromNode(Tensor.fromArray(Int32Array.of(1, 0, 1), [3]).node, ["attempts"]) as Tensor.Tensor<
    ["attempts"],
    "i32"
  >
  const shared = Context.attemptsAt(context, which)
  const next = Tensor.fromNode(Tensor.at(rowsOf(5, 3, 1), 1, 0).node, ["attempts", "width"]) as Tensor.Tensor<
    ["attempts", "width"]
  >
  const everyone = Tensor.eq(which, which)
  const own = Tensor.take(
    next,
    Tensor.fromNode(Tensor.fromArray(Int32Array.of(1, 0), [2]).node, ["batch"]) as Tensor.Tensor<["batch"], "i32">
  )
  const alone = Context.advance(context, own, Tensor.at(truths([[true], [true]]), 1, 0))
  const [together, each] = await numbers([Context.advance(shared, next, everyone).state.hidden, alone.state.hidden])
  // Attempt 1 is at question 0 with row 1, attempt 0 at question 1 with row 0.
  expect(farthest(together.data.slice(width, 2 * width), each.data.slice(0, width))).toBeLessThan(1e-9)
  expect(farthest(together.data.slice(0, width), each.data.slice(width))).toBeLessThan(1e-9)
})
