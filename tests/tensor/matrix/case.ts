/** One line of the device matrix: an operation, random graphs of it, and how exact a device must be. */
import * as fc from "fast-check"
import type { Tolerance } from "./agreement.ts"
import type { Sample } from "./sample.ts"

export interface Case {
  readonly name: string
  readonly group:
    | "elementwise"
    | "views"
    | "reductions"
    | "products"
    | "rows and random"
    | "composites"
    | "combinations"
  readonly tolerance: Tolerance
  /** The absolute tolerance where it depends on the sample. */
  readonly allowance?: (sample: Sample) => number
  /** Takes longer: fewer samples, and only on the devices of users. */
  readonly large?: boolean
  readonly samples: fc.Arbitrary<Sample>
}
