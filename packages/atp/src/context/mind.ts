/** Latents in a context, whether they become rows of its sequence or change a mind. */
import { type Dim, Tensor } from "@noema/tensor"
import { advance, append, type Context, rowsOf, withRoom } from "./context.ts"

/** A context behind one more latent for every sequence, which counts where it is `kept`. */
export const behindLatent = <B extends Dim>(
  context: Context<B>,
  latent: Tensor.Tensor<[B, "width"]>,
  kept: Tensor.Tensor<[B], "bool">
): Context<B> => (context.mind === undefined ? advance(context, latent, kept) : context.mind.think(latent, kept))

/** A context behind several latents, and the state behind each: one pass where they are rows. */
export const behindLatents = <B extends Dim, N extends Dim>(
  context: Context<B>,
  latents: Tensor.Tensor<[B, N, "width"]>,
  kept: Tensor.Tensor<[B, N], "bool">
): { readonly context: Context<B>; readonly hidden: Tensor.Tensor<[B, N, "width"]> } => {
  if (context.mind === undefined) return append(context, latents, kept)
  let behind = context
  const states: Array<Tensor.Tensor<[B, "width"]>> = []
  for (let t = 0; t < latents.sizes[1]!; t++) {
    behind = behindLatent(behind, Tensor.at(latents, 1, t), Tensor.at(kept, 1, t))
    states.push(behind.state.hidden)
  }
  const hidden = Tensor.stack(states, 1, "latents")
  return { context: behind, hidden: Tensor.narrow(hidden, 1, 0, Tensor.dim(latents, 1)) }
}

/** Contexts of attempts, which are at these rows of a batch of questions. */
export const attemptsAt = <B extends Dim, C extends Dim>(
  asked: Context<B>,
  rows: Tensor.Tensor<[C], "i32">
): Context<C> => {
  const { at, mind, state, transformer } = asked
  return mind === undefined ? { at, transformer, state: rowsOf(state, rows) } : mind.rowsOf(rows)
}

/** A context with room for so many rows in all; one with a mind has no rows to make room for before it writes. */
export const roomFor = <B extends Dim>(context: Context<B>, slots: number): Context<B> =>
  context.mind === undefined ? { ...context, state: withRoom(context, slots) } : context
