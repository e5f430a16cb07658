/** Which symbols may be written: padding never is, since a text that is read again would not have it. */
import { named, type Shape, Tensor } from "@noema/tensor"
import { special } from "../text/tokenizer.ts"

/** Beside any logit it leaves nothing, and unlike infinity it can be multiplied with nothing. */
const impossible = -1e9

/** Logits of symbols of which padding is impossible. */
export const writable = <B extends Shape>(
  logits: Tensor.Tensor<[...B, "vocabulary"]>
): Tensor.Tensor<[...B, "vocabulary"]> => {
  const symbols = Tensor.iota([named("vocabulary", logits.sizes.at(-1)!)], 0)
  const isPadding = Tensor.cast(Tensor.eq(symbols, special("<pad>")), "f32")
  return Tensor.add(logits, Tensor.mul(isPadding, impossible))
}
