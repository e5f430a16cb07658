/** Every so-manieth element of one axis, from a first one on: what slicing in all its forms comes to at run time. */
import type { Dims } from "./dim.ts"

export interface Cut {
  readonly axis: number
  readonly start: number
  readonly length: number
  readonly step: number
  readonly out: Dims
}
