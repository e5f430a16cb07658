/** Calls of a tool while a model thinks, on the device. */
import { type Dim, Tensor } from "@noema/tensor"
import { prefill, withRoom } from "../context/context.ts"
import { heard, type Speaker } from "../part/stepDecoder.ts"
import { special } from "../text/tokenizer.ts"
import { write } from "./write.ts"

/** The likeliest text of rows, [batch, symbols], ended where there is room for the end, and padded. */
export const call = <B extends Dim>(
  tool: Speaker,
  rows: ReadonlyArray<Tensor.Tensor<[B, "width"]>>,
  symbols: number
): Tensor.Tensor<[B, number], "i32"> => {
  const group: Tensor.Tensor<[B, "each", "width"]> = Tensor.stack(rows, 1, "each")
  const everywhere = Tensor.gt(Tensor.add(Tensor.mul(Tensor.at(group, 2, 0), 0), 1), 0)
  const read = prefill(tool, heard<[B, "each"]>(tool, group), everywhere)
  const none = Tensor.lt(read.state.next, 0)
  const { symbols: written } = write(
    tool,
    { context: { ...read, state: withRoom(read, rows.length + symbols - 1) }, ended: none },
    { count: symbols, more: false, uniforms: null }
  )
  let ended = none
  const padded = written.map((symbol) => {
    const shown = Tensor.where(ended, special("<pad>"), symbol)
    ended = Tensor.or(ended, Tensor.eq(symbol, special("<eos>")))
    return Tensor.expandDims(shown, 1)
  })
  return Tensor.concat<ReadonlyArray<Tensor.Tensor<[B, number], "i32">>, 1>(padded, 1)
}
