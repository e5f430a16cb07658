/**
 * Programs and residents over trees whose shapes come from a config at run time. The types of `Program` compute with
 * shapes; here there are none to compute with, so a tree is `unknown` and is checked when the program runs.
 */
import { type Device, Program, Resident } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

export type DeviceService = Device.Device
export type DeviceError = Device.DeviceError
export type ProgramError = Program.ProgramError

/** A tree of arrays on the device. */
export type AnyResident = Resident.Resident<unknown>

/** A compiled function of trees. */
export interface Compiled {
  /** Runs on a tree that stays on the device and takes its new value; gives the result on the host. */
  readonly update: (state: AnyResident, ...args: ReadonlyArray<unknown>) => Effect.Effect<unknown, ProgramError>
  /** Runs without changing anything. */
  readonly run: (...args: ReadonlyArray<unknown>) => Effect.Effect<unknown, ProgramError>
}

/** Compiles a function of tensor trees. One that is to update returns `[new state, result]`. */
export const compiled = (
  fn: (...trees: ReadonlyArray<never>) => unknown,
  ...specs: ReadonlyArray<unknown>
): Effect.Effect<Compiled, never, DeviceService | Scope.Scope> => {
  type Loose = Program.Program<readonly [Program.Spec], readonly [unknown, unknown]>
  const make = Program.make as unknown as (
    fn: unknown,
    ...specs: ReadonlyArray<unknown>
  ) => Effect.Effect<Loose, never, DeviceService | Scope.Scope>
  const update = Program.update as unknown as (...args: ReadonlyArray<unknown>) => Effect.Effect<unknown, ProgramError>
  return Effect.map(make(fn, ...specs), (program): Compiled => ({
    update: (state, ...args) => update(program, state, ...args),
    run: program as unknown as Compiled["run"]
  }))
}

/** Puts a tree of host arrays on the device. */
export const resident = Resident.fromHost as unknown as (
  specs: unknown,
  values: unknown
) => Effect.Effect<AnyResident, ProgramError, DeviceService | Scope.Scope>

/** The values of a tree on the device. */
export const readResident = Resident.get as unknown as (tree: AnyResident) => Effect.Effect<unknown, DeviceError>

/** Replaces the values of a tree on the device. */
export const writeResident = Resident.set as unknown as (
  tree: AnyResident,
  values: unknown
) => Effect.Effect<void, ProgramError>

/** The values of a tree of tensors. */
export const computeTree = Program.compute as unknown as (
  tree: unknown
) => Effect.Effect<unknown, DeviceError, DeviceService>

/** Zeros for a tree of specifications. */
export const zerosFor = (specs: unknown): unknown => {
  if (Program.isSpec(specs)) {
    const sizes = specs.shape as ReadonlyArray<number>
    return { shape: sizes, data: new Float32Array(sizes.reduce((n, size) => n * size, 1)) }
  }
  return Array.isArray(specs)
    ? specs.map(zerosFor)
    : Object.fromEntries(Object.entries(specs as object).map(([name, inner]) => [name, zerosFor(inner)]))
}
