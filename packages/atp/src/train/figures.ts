/** What an update measured, as figures by name. */
import { Optimiser } from "@noema/autodiff"
import type { Program, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type { Held } from "../method/held.ts"

/** The figures of an update by name; fails with `NonFinite` where a loss or the gradient is not finite. */
export const figuresOf = Effect.fnUntraced(function* (
  measured: Program.HostOf<Optimiser.Vitals<Readonly<Record<string, Tensor.Tensor<[]>>>>>,
  update: number,
  held: Held
): Effect.fn.Return<Readonly<Record<string, number>>, Optimiser.NonFinite> {
  yield* Optimiser.refuseNonFinite(measured, { step: update, params: held.specs.trainable })
  const { loss, norm } = measured
  return Object.fromEntries(Object.entries({ ...loss, norm }).map(([name, { data }]) => [name, data[0]!]))
})
