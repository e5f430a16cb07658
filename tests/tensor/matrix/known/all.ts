/** All programs of known values. */
import type { Known } from "./known.ts"
import { masking } from "./masking.ts"
import { rounding } from "./rounding.ts"

export const known: ReadonlyArray<Known> = [...rounding, ...masking]
