/** All programs of known values. */
import { folding } from "./folding.ts"
import type { Known } from "./known.ts"
import { masking } from "./masking.ts"
import { nan } from "./nan.ts"
import { order } from "./order.ts"
import { rounding } from "./rounding.ts"
import { special } from "./special.ts"
import { spread } from "./spread.ts"
import { tails } from "./tails.ts"

export const known: ReadonlyArray<Known> = [
  ...rounding,
  ...folding,
  ...masking,
  ...nan,
  ...special,
  ...spread,
  ...tails,
  ...order
]
