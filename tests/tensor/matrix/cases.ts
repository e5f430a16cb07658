/** All lines of the device matrix. */
import type { Case } from "./case.ts"
import { combinations } from "./combinations.ts"
import { composites } from "./composites.ts"
import { elementwise } from "./elementwise.ts"
import { products, reductions } from "./reductions.ts"
import { rows } from "./rows.ts"
import { views } from "./views.ts"

export const cases: ReadonlyArray<Case> = [
  ...elementwise,
  ...views,
  ...reductions,
  ...products,
  ...rows,
  ...composites,
  ...combinations
]
