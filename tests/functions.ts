/** The functions of one number that are said in a file each: found by what they carry, so that none is left out. */
import { Tensor } from "@noema/tensor"

const isDefined = (value: unknown): value is Tensor.Defined => typeof value === "function" && "definition" in value

export const functions: ReadonlyArray<Tensor.Defined> = Object.values<unknown>(Tensor).filter(isDefined)
