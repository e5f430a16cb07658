/** What a lesson asks of an exercise. */
import type { Device } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"
import type { Plot } from "../plot/plot.ts"

/**
 * What is checked: values, against float64 on random inputs; a short training with a fixed seed; or the behaviour of a small
 * model that is trained already. The first runs on the interpreter, the others as WebAssembly.
 */
export type Kind = "values" | "training" | "behaviour"

/** What is done with an exercise, on a device. */
type Doing<A> = Effect.Effect<A, { readonly message: string }, Device.Device | FileSystem.FileSystem | Scope.Scope>

/** One thing that has to hold of an exercise whose module is a `M`. */
export interface Check<M> {
  readonly kind: Kind
  /** What has to hold, in a few words. */
  readonly name: string
  /** What helps where it does not hold. */
  readonly hint: string
  /** What is not yet right, in a sentence; null where all is. */
  readonly run: (exercise: M) => Doing<string | null>
}

/** What a lesson checks after the compiler has found nothing wrong. */
export interface Checks<M> {
  /** What helps where the compiler still complains. */
  readonly hint: string
  readonly checks: ReadonlyArray<Check<M>>
  /** What is drawn of its numbers where all of them hold. */
  readonly plot?: (exercise: M) => Doing<Plot>
}

/**
 * The checks of a lesson, in the order in which they are made; the first that does not hold is told.
 *
 *     export default checks<typeof import("./solution.ts")>({ hint: "...", checks: [...] })
 */
export const checks = <M>(of: Checks<M>): Checks<M> => of

/** The first of some sentences that is one; null where all is right. */
export const firstOf = <E, R>(
  all: ReadonlyArray<Effect.Effect<string | null, E, R>>
): Effect.Effect<string | null, E, R> =>
  Effect.gen(function* () {
    for (const each of all) {
      const said = yield* each
      if (said !== null) return said
    }
    return null
  })
