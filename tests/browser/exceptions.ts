/** Cases of the matrix that a mode does not pass, with the reason. */
import type { Mode } from "@noema/tensor/gpujs"
import { wholeNumbersAreFloats } from "../tensor/matrix/exceptions.ts"

export const exceptions = (_mode: Mode): Readonly<Record<string, string>> => wholeNumbersAreFloats
