/**
 * Programs and residents over parameter trees, whose sizes come from a config at run time. The types of `Program` compute
 * with sizes; these follow trees instead: what a function is given, what stays on the device and what comes back have the
 * tree of the function's own types, and sizes are checked when the program is bound.
 */
import { type Device, Program, Resident, type Shape, type Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** What programs run on. */
export type DeviceService = Device.Device
/** What a device can fail with. */
export type DeviceError = Device.DeviceError
/** What compiling or running a program can fail with. */
export type ProgramError = Program.ProgramError

type Numbers = "f32" | "i32" | "bool"
type DataOf<D extends Numbers> = D extends "f32" ? Float32Array : D extends "i32" ? Int32Array : Uint8Array

/** An array on the host with its sizes. */
export interface HostArray<D extends Numbers = "f32"> {
  readonly shape: ReadonlyArray<number>
  readonly data: DataOf<D>
}

/** A tree of tensors that stays on the device. */
export type OnDevice<T> = Resident.Resident<T>

/** A tree of tensors as it comes back to the host. */
export type OnHost<T> =
  T extends Tensor.Tensor<Shape, infer D extends Numbers> ? HostArray<D> : { readonly [K in keyof T]: OnHost<T[K]> }

/** What may be given for a tree of tensors. */
export type Given<T> =
  T extends Tensor.Tensor<Shape, infer D extends Numbers>
    ? HostArray<D> | DataOf<D> | number
    : OnDevice<T> | { readonly [K in keyof T]: Given<T[K]> }

declare const tree: unique symbol

/** Specifications of a tree that was measured rather than written down. */
export interface SpecTree<out T> {
  /** Never there: what the type is of. */
  readonly [tree]?: T
}

/** Specifications of a tree of tensors. */
export type Specs<T> =
  T extends Tensor.Tensor<Shape, infer D extends Numbers>
    ? Program.Spec<Shape, D>
    : SpecTree<T> | { readonly [K in keyof T]: Specs<T[K]> }

type SpecsOfAll<Args extends ReadonlyArray<unknown>> = { readonly [I in keyof Args]: Specs<Args[I]> }
/** What may be given for each of these. */
export type GivenAll<Args extends ReadonlyArray<unknown>> = { readonly [I in keyof Args]: Given<Args[I]> }

/** A compiled function of trees. */
export type Compiled<Args extends ReadonlyArray<unknown>, Result> = (
  ...args: GivenAll<Args>
) => Effect.Effect<OnHost<Result>, ProgramError>

/** A compiled function of a tree that stays on the device and takes its new value; gives the result on the host. */
export type Updating<State, Args extends ReadonlyArray<unknown>, Result> = (
  state: OnDevice<State>,
  ...args: GivenAll<Args>
) => Effect.Effect<OnHost<Result>, ProgramError>

type Loose = Program.Program<readonly [Program.Spec], readonly [unknown, unknown]>

// The one place where trees of unknown sizes meet types that compute with sizes.
const make = Program.make as unknown as (
  fn: unknown,
  ...specs: ReadonlyArray<unknown>
) => Effect.Effect<Loose, never, DeviceService | Scope.Scope>

/** Compiles a function of tensor trees. */
export const compiled = <Args extends ReadonlyArray<unknown>, Result>(
  fn: (...args: Args) => Result,
  ...specs: SpecsOfAll<Args>
): Effect.Effect<Compiled<Args, Result>, never, DeviceService | Scope.Scope> =>
  Effect.map(make(fn, ...specs), (program) => program as unknown as Compiled<Args, Result>)

/** Compiles a function that is to update a tree on the device: it gives the new tree and a result. */
export const updating = <State, Args extends ReadonlyArray<unknown>, Result>(
  fn: (state: State, ...args: Args) => readonly [State, Result],
  ...specs: readonly [Specs<State>, ...SpecsOfAll<Args>]
): Effect.Effect<Updating<State, Args, Result>, never, DeviceService | Scope.Scope> => {
  const update = Program.update as unknown as (
    program: Loose,
    ...args: ReadonlyArray<unknown>
  ) => Effect.Effect<OnHost<Result>, ProgramError>
  return Effect.map(
    make(fn, ...specs),
    (program): Updating<State, Args, Result> =>
      (state, ...args) =>
        update(program, state, ...(args as ReadonlyArray<unknown>))
  )
}

/** Puts a tree of host arrays on the device. */
export const resident = Resident.fromHost as unknown as <T>(
  specs: Specs<T>,
  values: Given<T>
) => Effect.Effect<OnDevice<T>, ProgramError, DeviceService | Scope.Scope>

/** The values of a tree on the device. */
export const readResident = Resident.get as unknown as <T>(tree: OnDevice<T>) => Effect.Effect<OnHost<T>, DeviceError>

/** Replaces the values of a tree on the device. */
export const writeResident = Resident.set as unknown as <T>(
  tree: OnDevice<T>,
  values: Given<T>
) => Effect.Effect<void, ProgramError>

/** The values of a tree of tensors. */
export const computeTree = Program.compute as unknown as <T>(
  tree: T
) => Effect.Effect<OnHost<T>, DeviceError, DeviceService>

/** Zeros for a tree of specifications. */
export const zerosFor = <T>(specs: Specs<T>): Given<T> => {
  const zeros = (specs: unknown): unknown => {
    if (Program.isSpec(specs)) {
      const sizes = specs.shape as ReadonlyArray<number>
      return { shape: sizes, data: new Float32Array(sizes.reduce((n, size) => n * size, 1)) }
    }
    return Array.isArray(specs)
      ? specs.map(zeros)
      : Object.fromEntries(Object.entries(specs as object).map(([name, inner]) => [name, zeros(inner)]))
  }
  return zeros(specs) as Given<T>
}
