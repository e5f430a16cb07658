/** Parameters know their axes: what does not fit together does not compile, and a sentence says why. */
import { expect, test } from "vitest"
import { typeCheck } from "../../../bench/types/compiler.ts"

const source = `
import { type Graph as g, Heads, Llama, Parameters, type ReasonerModel } from "@noema/atp"

declare const model: ReasonerModel.Reasoner<g.Reals>
declare const symbols: g.Integers
declare const unknown: g.Reals
declare const values: Parameters.Values<["width", "hidden"]>
const block = model.backbone.blocks[0]!
const rows = Llama.embed(model.backbone, symbols)
const inner = Llama.linear(rows, block.gate)
export const right: ReadonlyArray<g.Reals> = [
  Llama.linear(inner, block.down),
  Llama.rmsNorm(rows, block.feedNorm),
  Llama.logits(model.backbone, Llama.linear(inner, block.down)),
  Llama.linear(unknown, block.query),
  Heads.stopLogits(model.stopHead!, Heads.latentDistribution(model.latentHead!, rows).mean)
]

Llama.linear(inner, block.gate) //! linear: the last axis is hidden, and width is expected
Llama.linear(rows, block.output) //! linear: the last axis is width, and queries is expected
Llama.rmsNorm(inner, block.feedNorm) //! rmsNorm: the last axis is hidden, and width is expected
Llama.logits(model.backbone, inner) //! logits: the last axis is hidden, and width is expected
Llama.linear(rows, block.gate, block.feedNorm) //! '["width"]' is not assignable
Llama.linear(rows, model.backbone.norm) //! '["width"]' is not assignable
Heads.latentDistribution(model.latentHead!, Llama.logits(model.backbone, rows)) //! latentDistribution: the last axis is vocabulary, and width is expected
Heads.stopLogits(model.stopHead!, inner) //! stopLogits: the last axis is hidden, and width is expected
export const down: Llama.Block<Parameters.Values>["down"] = values //! '["width", "hidden"]' is not assignable
export const block2: Llama.Block<g.Reals> = { ...block, up: block.down } //! '["hidden", "width"]' is not assignable
`

test("what does not fit together does not compile, and the message names the axes", async () => {
  const { diagnostics } = await typeCheck({ "shapes.wrong.ts": source })
  const wrong = source.split("\n").flatMap((line, i) => {
    const at = line.indexOf("//! ")
    return at < 0 ? [] : [{ line: i + 1, says: line.slice(at + 4) }]
  })
  expect(diagnostics.map(({ line, text }) => `${line}: ${text.split("\n")[0]}`)).toHaveLength(wrong.length)
  expect(diagnostics.map(({ line }) => line)).toEqual(wrong.map(({ line }) => line))
  const plain = (text: string) => text.replaceAll("readonly ", "")
  diagnostics.forEach(({ text }, i) => expect(plain(text)).toContain(wrong[i]!.says))
}, 60_000)
