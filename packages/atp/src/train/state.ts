/** What training continues from, as a file. */
import { type Device, type Program, Resident } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import { loadWeights, type UnreadableWeights } from "../weights/file.ts"
import { firstNonFinite, MalformedWeights, type Weights } from "../weights/safetensors.ts"
import { firstDifference, fromWeights, toWeights } from "../weights/tree.ts"
import { OtherConfig } from "./errors.ts"
import type { Held } from "../method/held.ts"

/** Everything that training continues from. */
export const stateOf = (held: Held): Effect.Effect<Weights, Device.DeviceError> =>
  Effect.map(Resident.get(held.state), ({ frozen, optimiser, reference, trainable, updates }) =>
    toWeights({ trainable, frozen, reference, optimiser, updates })
  )

/** Continues from a saved state. Fails with `OtherConfig`, naming the first difference, if it is not of this model. */
export const restoreState = Effect.fnUntraced(function* (
  { file, weights }: { readonly file: string; readonly weights: Weights },
  held: Held
): Effect.fn.Return<void, Program.ProgramError | OtherConfig> {
  const { frozen, optimiser, reference, trainable, updates } = yield* Resident.get(held.state)
  const tree = { trainable, frozen, reference, optimiser, updates }
  const difference = firstDifference(tree, weights)
  if (difference !== null) return yield* new OtherConfig({ file, difference })
  yield* Resident.set(held.state, fromWeights(tree, weights))
})

/** The parameters of a saved state, whatever optimiser it was saved with, in the form of others. */
export const parametersIn = Effect.fnUntraced(function* (
  file: string,
  like: Program.AnyValues
): Effect.fn.Return<Program.AnyValues, UnreadableWeights | MalformedWeights | OtherConfig, FileSystem.FileSystem> {
  const weights = yield* loadWeights(file)
  const isParameter = /^(trainable|frozen)\./
  const own = {
    ...weights,
    tensors: new Map(
      [...weights.tensors]
        .filter(([name]) => isParameter.test(name))
        .map(([name, tensor]) => [name.replace(isParameter, ""), tensor])
    )
  }
  const difference = firstDifference(like, own)
  if (difference !== null) return yield* new OtherConfig({ file, difference })
  const infinite = firstNonFinite(own)
  if (infinite !== null) {
    const { name: where, value } = infinite
    return yield* new MalformedWeights({ file, where, expected: "finite numbers", found: `${value}` })
  }
  return fromWeights(like, own)
})
