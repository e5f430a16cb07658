/** Symbols that are drawn together: one of them is what is written, and what is stored of them is replayed. */
import { grad } from "@noema/autodiff"
import { Experiment, Layout, Methods, Objective, Policy, Reinforce, Rollout, Tokenizer } from "../inside.ts"
import { sampledSymbol } from "../../../packages/atp/src/policy/choose.ts"
import { drawnAct, likeliestAct, rowOf } from "../../../packages/atp/src/policy/act.ts"
import { Tensor } from "@noema/tensor"
import fc from "fast-check"
import { expect, test } from "vitest"
import { farthest, integers, numbers, put, small } from "../small.ts"

const experiment = small()
const { sizes, subject } = experiment
const { multiplex } = Methods.methods
const problems = subject.train.slice(0, 3)
const { context } = Experiment.wordingOf(experiment, multiplex)
const question = integers(
  Layout.padded(
    problems.map((problem) => Layout.packQuestion(subject.tokenizer, problem, context)),
    context,
    "left"
  ),
  ["batch", "question"]
)
const one = (values: ReadonlyArray<number>): Tensor.Tensor<["batch"]> =>
  Tensor.fromNode(Tensor.fromArray([...values], [values.length]).node, ["batch"])
const unit = fc.double({ min: 0, max: 0.999, noNaN: true }).map(Math.fround)

test("one symbol at a time is what is written with the same uniform numbers, bit for bit, and is scored alike", async () => {
  const model = put(experiment, multiplex)
  const policy = Policy.symbols(model.backbone)
  const asked = Objective.ask(model, question)
  const count = 4
  const row = fc.array(unit, { minLength: problems.length, maxLength: problems.length })
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: count, maxLength: count }), async (uniforms) => {
      const taken = Rollout.take(
        { ...model, policy, stop: neverStops },
        asked,
        { latents: "sampled", stops: "sampled", maxSteps: count, perStep: 1, stepSymbols: 1 },
        (t) => ({ noise: asked.state.hidden, uniform: asked.state.next, draws: () => [one(uniforms[t]!)] })
      )
      const none = Tensor.ne(taken.used, taken.used)
      const wrote = Rollout.write(
        model.backbone,
        { context: asked, ended: none },
        { count, more: true, uniforms: (t) => one(uniforms[t]!) }
      )
      const tail = Tensor.concat(
        wrote.symbols.map((symbol) => Tensor.expandDims(symbol, 1)),
        1
      )
      const read: Tensor.Tensor<["batch", "tail"], "i32"> = Tensor.fromNode(tail.node, ["batch", "tail"])
      const { logits } = Objective.readOn(model, asked, read)
      const stored = {
        question: Tensor.fromNode<["questions", "question"], "i32">(question.node, ["questions", "question"]),
        of: Tensor.iota([Tensor.dim(question, 0)], 0),
        latents: taken.latents,
        drawn: taken.drawn,
        used: taken.used,
        tail: read,
        noise: [],
        texts: null
      }
      const { latent } = Reinforce.Estimator.scoreFunction.chances(
        { ...model, stop: neverStops },
        policy,
        1,
        Reinforce.Coordinates.perComponent,
        stored
      )
      const host = await numbers({
        drawn: taken.drawn.map(({ symbols }) => symbols[0]!),
        rows: taken.latents,
        written: wrote.symbols,
        embedded: wrote.symbols.map((symbol) => model.backbone.embed(symbol)),
        scored: latent.logProb,
        first: Tensor.logSoftmax(model.backbone.logits(asked.state.hidden)),
        rest: Tensor.logSoftmax(logits)
      })
      for (let t = 0; t < count; t++) {
        // Whoever has written the end mark writes it again; who thinks goes on.
        const isOpen = (i: number) =>
          host.written.slice(0, t).every(({ data }) => data[i] !== Tokenizer.special("<eos>"))
        for (let i = 0; i < problems.length; i++) {
          if (!isOpen(i)) continue
          const symbol = host.written[t]!.data[i]!
          expect(host.drawn[t]!.data[i]).toBe(symbol)
          const rowAt = ({ data }: { readonly data: Float32Array }) =>
            data.slice(i * sizes.width, (i + 1) * sizes.width)
          expect(rowAt(host.rows[t]!)).toEqual(rowAt(host.embedded[t]!))
          const { vocabulary } = sizes
          const all =
            t === 0
              ? host.first.data.slice(i * vocabulary, (i + 1) * vocabulary)
              : host.rest.data.slice((i * count + t - 1) * vocabulary, (i * count + t) * vocabulary)
          // Padding is never drawn, and what is scored is a share of the others.
          const others = Math.log1p(-Math.exp(all[Tokenizer.special("<pad>")]!))
          expect(host.scored.data[i * count + t]).toBeCloseTo(all[symbol]! - others, 5)
        }
      }
    }),
    { numRuns: 5 }
  )
})

const neverStops = { name: "never", logits: null }

/** A distribution of several draws over logits, whose rows are those of a table. */
const rows = [0, 1, 2, 3, 4, 5, 6, 7].map((symbol) => [Math.cos(symbol), Math.sin(symbol)])
const tableOf = (): any => Tensor.fromNode(Tensor.fromArray(rows.flat(), [8, 2]).node, ["vocabulary", "width"])
const distOf = (logits: ReadonlyArray<number>, draws: number, weighting: Policy.Weighting = "probability") => {
  const scores: any = Tensor.fromNode(Tensor.fromArray([...logits], [1, logits.length]).node, [1, "vocabulary"])
  const embed: any = (symbols: Tensor.Tensor<any, "i32">) => Tensor.embed(tableOf(), symbols)
  const dist = Policy.multiplex({ embed, logits: () => scores }, { draws, weighting }).dist<[1]>(scores)
  return dist
}
const scores = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 8, maxLength: 8 })

test("weights add up to 1, and the row is that of the mixture of what was drawn, n p / sum n p", async () => {
  await fc.assert(
    fc.asyncProperty(scores, fc.array(unit, { minLength: 1, maxLength: 5 }), async (logits, uniforms) => {
      const dist = distOf(logits, uniforms.length)
      const act = drawnAct<1>(dist, {
        noise: () => Tensor.zeros([1, 2]) as any,
        draws: () => uniforms.map((each) => Tensor.fromArray([each], [1]) as any)
      })
      const [{ symbols, weights }] = act.drawn as readonly [Policy.Drawn<1>]
      const found = await numbers({ row: act.row, symbols, weights, p: Tensor.softmax(dist.logits) })
      const drawn: Array<number> = found.symbols.map(({ data }: any) => data[0])
      const total = drawn.reduce((sum, symbol) => sum + found.p.data[symbol]!, 0)
      const share: Array<number> = found.weights.map(({ data }: any) => data[0])
      expect(share.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 5)
      const mixed = [0, 1].map((j) =>
        drawn.reduce((sum, symbol) => sum + (found.p.data[symbol]! / total) * rows[symbol]![j]!, 0)
      )
      expect(farthest(found.row.data, mixed)).toBeLessThan(1e-5)
      expect(drawn).not.toContain(Tokenizer.special("<pad>"))
    }),
    { numRuns: 25 }
  )
})

test("over all that three draws can be, chances add up to 1, and the mean row is the mixture of all symbols with a third of the variance", async () => {
  // Symbol 0 is padding, which is never drawn; rows say which symbol they are of.
  const [draws, logits] = [3, [5, 2, 1, 0, -1]]
  const count = logits.length
  const one = logits.map((_, i) => logits.map((_, j) => Number(i === j)))
  const table: any = Tensor.fromNode(Tensor.fromArray(one.flat(), [count, count]).node, ["vocabulary", "width"])
  const p = logits.map((logit, symbol) => (symbol === 0 ? 0 : Math.exp(logit)))
  const total = p.reduce((sum, each) => sum + each, 0)
  const chances = p.map((each) => each / total)
  const middle = (symbol: number) =>
    chances.slice(0, symbol).reduce((sum, each) => sum + each, 0) + chances[symbol]! / 2
  const writable = [1, 2, 3, 4]
  const tuples = writable.flatMap((a) => writable.flatMap((b) => writable.map((c) => [a, b, c])))
  const all: any = Tensor.fromNode(
    Tensor.fromArray(
      tuples.flatMap(() => logits),
      [tuples.length, count]
    ).node,
    ["batch", "vocabulary"]
  )
  const backbone: any = { embed: (of: Tensor.Tensor<any, "i32">) => Tensor.embed(table, of), logits: () => all }
  const dist = Policy.multiplex(backbone, { draws, weighting: "uniform" }).dist<["batch"]>(all)
  const act = drawnAct<"batch">(dist, {
    noise: () => all,
    draws: () =>
      tuples[0]!.map(
        (_, k) =>
          Tensor.fromArray(
            tuples.map((of) => middle(of[k]!)),
            [tuples.length]
          ) as any
      )
  })
  const { symbols } = act.drawn[0]!
  const found = await numbers({ row: act.row, symbols, logProb: dist.logProb(symbols), entropy: dist.entropy! })
  expect(tuples.map((_, i) => found.symbols.map(({ data }: any) => data[i]))).toEqual(tuples)
  const logChance = tuples.map((_, i) => found.logProb.reduce((sum: number, { data }: any) => sum + data[i], 0))
  const mean = (of: (i: number) => number) => logChance.reduce((sum, log, i) => sum + Math.exp(log) * of(i), 0)
  expect(mean(() => 1)).toBeCloseTo(1, 5)
  expect(mean((i) => -logChance[i]!)).toBeCloseTo(2.842611, 4)
  expect(found.entropy.reduce((sum: number, { data }: any) => sum + data[0], 0)).toBeCloseTo(2.842611, 4)
  const at = (i: number, symbol: number): number => found.row.data[i * count + symbol]!
  chances.forEach((chance, symbol) => expect(mean((i) => at(i, symbol))).toBeCloseTo(chance, 5))
  const variance = mean((i) => chances.reduce((sum, chance, symbol) => sum + (at(i, symbol) - chance) ** 2, 0))
  expect(variance).toBeCloseTo((1 - chances.reduce((sum, chance) => sum + chance ** 2, 0)) / draws, 5)
})

test("where one symbol is all but certain every draw is that symbol, and the row is its row", async () => {
  const logits = [0, 0, 0, 60, 0, 0, 0, 0]
  for (const weighting of ["uniform", "probability"] as const) {
    const dist = distOf(logits, 3, weighting)
    const { row } = likeliestAct<1>(dist)
    expect(farthest((await numbers(row)).data, rows[3]!)).toBeLessThan(1e-6)
  }
})

test("over even uniform numbers symbols come as often as they are likely", async () => {
  await fc.assert(
    fc.asyncProperty(scores, async (logits) => {
      const count = 400
      const all: any = Tensor.fromArray(Array.from({ length: count }, () => logits).flat(), [count, 8])
      const uniform: any = Tensor.fromArray(
        Array.from({ length: count }, (_, i) => (i + 0.5) / count),
        [count]
      )
      const { data } = await numbers(sampledSymbol(all, uniform))
      const possible = logits.map((logit, symbol) => (symbol === Tokenizer.special("<pad>") ? 0 : Math.exp(logit)))
      const total = possible.reduce((sum, each) => sum + each, 0)
      possible.forEach((each, symbol) => {
        const share = data.filter((drawn: number) => drawn === symbol).length / count
        expect(Math.abs(share - each / total)).toBeLessThan(2 / count)
      })
    }),
    { numRuns: 10 }
  )
})

test("a replay makes rows of the table as it is now, weighed as they were, and its gradient is theirs", async () => {
  const symbols: any = [2, 5].map((symbol) => Tensor.fromArray(Int32Array.of(symbol), [1]))
  const weights: any = [0.25, 0.75].map((weight) => Tensor.fromArray([weight], [1]))
  const gradient = grad((table: any) =>
    Tensor.sum(rowOf<1>({ embed: (of: any) => Tensor.embed(table, of) as any }, { symbols, weights }))
  )(tableOf())
  const { data } = await numbers(gradient as Tensor.Tensor<any>)
  const expected = rows.flatMap((_, symbol) => (symbol === 2 ? [0.25, 0.25] : symbol === 5 ? [0.75, 0.75] : [0, 0]))
  expect(farthest(data, expected)).toBeLessThan(1e-6)
})

test("as many symbols as there can be, or a sentence", () => {
  const of = (draws: number) => () => distOf([0, 0, 0, 0, 0, 0, 0, 0], draws)
  fc.assert(fc.property(fc.integer({ min: 1, max: 64 }), (draws) => void of(draws)()))
  for (const draws of [0, -1, 1.5, 65, Number.NaN])
    expect(of(draws)).toThrow(`a policy that draws symbols draws a whole number of them from 1 to 64, found ${draws}`)
})
