/** The cell behind `Resident`. */
import type * as Semaphore from "effect/Semaphore"
import type { DeviceBuffer, DeviceShape } from "../device/device.ts"
import type { Dims } from "../shape/dim.ts"
import type { Spec } from "./spec.ts"
import type { Structure } from "./tree.ts"

const ResidentKey: unique symbol = Symbol.for("@noema/tensor/Resident")

/** One array of a resident, and where it is in the tree. */
export interface ResidentLeaf {
  readonly path: string
  readonly spec: Spec
  readonly sizes: ReadonlyArray<number>
  /** What names made of names are made of, where it is known. */
  readonly parts?: Dims["parts"]
  readonly buffer: DeviceBuffer
}

/** A tree of arrays that stays on the device. `T` is the tree of tensors it holds the values of. */
export interface Resident<out T> {
  readonly [ResidentKey]: (_: never) => T
  /** Residents are locked in this order. */
  readonly id: number
  readonly device: DeviceShape
  readonly structure: Structure
  readonly leaves: ReadonlyArray<ResidentLeaf>
  readonly lock: Semaphore.Semaphore
}

let nextId = 0

export const makeCell = <T>(
  device: DeviceShape,
  structure: Structure,
  leaves: ReadonlyArray<ResidentLeaf>,
  lock: Semaphore.Semaphore
): Resident<T> => ({ [ResidentKey]: (never) => never, id: nextId++, device, structure, leaves, lock })

/**
 * Whether a value is a resident.
 *
 * @example
 * Resident.isResident(yield* Resident.make(Tensor.scalar(3))) // => true
 */
export const isResident = (value: unknown): value is Resident<unknown> =>
  typeof value === "object" && value !== null && ResidentKey in value
