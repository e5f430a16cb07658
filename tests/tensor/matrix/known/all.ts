/** All programs of known values. */
import { folding } from "./folding.ts"
import type { Known } from "./known.ts"
import { masking } from "./masking.ts"
import { rounding } from "./rounding.ts"
import { spread } from "./spread.ts"

export const known: ReadonlyArray<Known> = [...rounding, ...folding, ...masking, ...spread]
