import * as Effect from "effect/Effect"
import type { Resident } from "./cell.ts"

/** Runs with all residents to itself. They are locked in one global order, so that no two runs wait for each other. */
export const withResidents = <A, E>(
  residents: ReadonlyArray<Resident<unknown>>,
  effect: Effect.Effect<A, E>
): Effect.Effect<A, E> =>
  [...new Set(residents)]
    .sort((a, b) => b.id - a.id)
    .reduce((inner, resident) => resident.lock.withPermit(inner), effect)
