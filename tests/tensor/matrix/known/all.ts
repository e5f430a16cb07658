/** All programs of known values. */
import { draws } from "./draws.ts"
import { folding } from "./folding.ts"
import type { Known } from "./known.ts"
import { masking } from "./masking.ts"
import { nan } from "./nan.ts"
import { order } from "./order.ts"
import { rounding } from "./rounding.ts"
import { special } from "./special.ts"
import { spread } from "./spread.ts"
import { sums } from "./sums.ts"
import { tails } from "./tails.ts"
import { whole } from "./whole.ts"

export const known: ReadonlyArray<Known> = [
  ...rounding,
  ...draws,
  ...folding,
  ...masking,
  ...nan,
  ...special,
  ...spread,
  ...sums,
  ...tails,
  ...order,
  ...whole
]
