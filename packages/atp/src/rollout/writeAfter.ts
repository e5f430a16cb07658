import { type Dim, Tensor } from "@noema/tensor"
import { advance } from "../context/context.ts"
import { special } from "../text/tokenizer.ts"
import type { Taken } from "./think.ts"
import { type Voice, write, type WriteOptions, type Wrote } from "./write.ts"

/** Writes after latents were taken: `<eot>` is read first. */
export const writeAfter = <B extends Dim>(
  voice: Voice,
  { context, used }: Pick<Taken<B>, "context" | "used">,
  options: WriteOptions<B>
): Wrote<B> & { readonly used: Tensor.Tensor<[B], "i32"> } => {
  const everyone = Tensor.eq(used, used)
  const turned = advance(context, voice.embed(Tensor.fullLike(used, special("<eot>"))), everyone)
  return { ...write(voice, { context: turned, ended: Tensor.not(everyone) }, options), used }
}
