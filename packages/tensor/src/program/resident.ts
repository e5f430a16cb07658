/**
 * `Resident`: a tree of arrays that stays on the device between runs. Programs take it in place of host arrays, without
 * a copy; `Program.update` replaces its values in place.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { Device, type DeviceBuffer, type DeviceError, type DeviceShape } from "../device/device.ts"
import { count } from "../graph/build.ts"
import type { Data, DType } from "../graph/node.ts"
import type { Identical, Shape } from "../shape/dim.ts"
import { type AnyTensor, isTensor, type Tensor } from "../tensor/value.ts"
import type { AnyTensors, AnyValues } from "./any.ts"
import { type ArgumentOf, type Flat, flatten } from "./arguments.ts"
import { bind, collectNames, type Names } from "./bind.ts"
import { makeCell, type Resident, type ResidentLeaf } from "./cell.ts"
import { type ArgumentError, attempt, mismatch } from "./errors.ts"
import { type HostOf, HostTensor, isHostTensor } from "./host.ts"
import { withResidents } from "./lock.ts"
import { isSpec, spec, type Spec, type SpecsOf, type TensorsOf } from "./spec.ts"
import { sizesOf } from "./trace.ts"
import { putTogether, type Structure, takeApart } from "./tree.ts"

export { isResident, type Resident, type ResidentLeaf } from "./cell.ts"

/** The tensors of a tree of tensors and host tensors. */
export type HeldOf<T> = true extends Identical<T, AnyTensors> | Identical<T, AnyValues>
  ? AnyTensors
  : T extends Tensor<infer S, infer D>
    ? Tensor<S, D>
    : T extends HostTensor<infer S, infer D>
      ? Tensor<S, D>
      : { [K in keyof T]: HeldOf<T[K]> }

type Source = AnyTensor | HostTensor<Shape, DType>

const isSource = (value: unknown): value is Source => isTensor(value) || isHostTensor(value)

/**
 * A resident with the values of a tree of tensors, which are computed on the device, and of host tensors, which are
 * copied to it. It is freed with the scope.
 *
 * @example
 * const state = yield* Resident.make({ w: Tensor.zeros([4, 2]), step: Tensor.scalar(0, "i32") })
 */
export const make = <const T>(tree: T): Effect.Effect<Resident<HeldOf<T>>, DeviceError, Device | Scope.Scope> =>
  Effect.gen(function* () {
    const device = yield* Device
    const { structure, leaves, paths } = takeApart(tree, isSource, "")
    const cell = yield* allocate<HeldOf<T>>(
      device,
      structure,
      leaves.map(({ shape, sizes, dtype }, i) => ({ path: paths[i]!, spec: spec(shape, dtype), sizes }))
    )
    const tensors = leaves.flatMap((leaf, i) => (isTensor(leaf) ? [{ leaf, to: cell.leaves[i]!.buffer }] : []))
    if (tensors.length > 0) {
      const executable = device.compile({ inputs: [], outputs: tensors.map(({ leaf }) => leaf.node) })
      const into = tensors.map(({ to }) => to)
      yield* Effect.scoped(Effect.flatMap(executable, ({ run }) => run([], into)))
    }
    for (const [i, leaf] of leaves.entries())
      if (isHostTensor(leaf)) yield* device.write(cell.leaves[i]!.buffer, leaf.data)
    return cell
  })

/**
 * A resident with the values of host arrays of any kind, checked against specifications whose names are bound from
 * them. Fails with `ArgumentError` where they do not fit.
 *
 * @example
 * const params = yield* Resident.fromHost({ w: Program.spec(["in", "out"]) }, { w: { shape: [4, 2], data } })
 */
export const fromHost = <const Specs>(
  specs: Specs,
  values: ArgumentOf<Specs>
): Effect.Effect<Resident<TensorsOf<Specs>>, ArgumentError | DeviceError, Device | Scope.Scope> =>
  Effect.gen(function* () {
    const device = yield* Device
    const { structure, leaves, paths } = takeApart(specs, isSpec, "", "a specification")
    const { flat, names, bound } = yield* attempt(() => fit(structure, leaves, paths, values))
    const cell = yield* allocate<TensorsOf<Specs>>(
      device,
      structure,
      names.wanted.map((wanted) => ({ path: wanted.path, spec: wanted.spec, sizes: sizesOf(wanted, bound) }))
    )
    yield* withResidents(flat.residents, fill(cell, flat))
    return cell
  })

/**
 * The values, copied to the host.
 *
 * @example
 * const state = yield* Resident.make({ step: Tensor.scalar(3, "i32") })
 * (yield* Resident.get(state)).step.toArray() // => 3
 */
export const get = <T>(resident: Resident<T>): Effect.Effect<HostOf<T>, DeviceError> => {
  const reads = Effect.forEach(resident.leaves, ({ buffer, spec, sizes }) =>
    Effect.map(
      resident.device.read(buffer),
      (data) => new HostTensor(spec.shape, sizes, spec.dtype, data as Float32Array & Int32Array & Uint8Array)
    )
  )
  const values = Effect.map(reads, (leaves) => putTogether(resident.structure, (i) => leaves[i]) as HostOf<T>)
  return withResidents([resident], values)
}

/**
 * Replaces the values by host arrays of the same shapes, or by those of another resident. Fails with `ArgumentError`,
 * and then nothing has changed.
 *
 * @example
 * yield* Resident.set(state, { w: new Float32Array(8), step: 0 })
 */
export const set = <T>(
  resident: Resident<T>,
  values: ArgumentOf<SpecsOf<T>>
): Effect.Effect<void, ArgumentError | DeviceError> => {
  const { structure, leaves } = resident
  const specs = leaves.map((leaf) => spec(leaf.sizes, leaf.spec.dtype))
  const paths = leaves.map((leaf) => leaf.path)
  return Effect.flatMap(
    attempt(() => fit(structure, specs, paths, values)),
    ({ flat }) => withResidents([resident, ...flat.residents], fill(resident, flat))
  )
}

const allocate = Effect.fnUntraced(function* <T>(
  device: DeviceShape,
  structure: Structure,
  leaves: ReadonlyArray<Omit<ResidentLeaf, "buffer">>
): Effect.fn.Return<Resident<T>, DeviceError, Scope.Scope> {
  const held: Array<ResidentLeaf> = []
  for (const leaf of leaves) {
    const label = leaf.path === "" ? "resident" : leaf.path
    held.push({ ...leaf, buffer: yield* device.allocate(leaf.spec.dtype, count(leaf.sizes), label) })
  }
  return makeCell<T>(device, structure, held, yield* Semaphore.make(1))
})

interface Fitted {
  readonly flat: Flat
  readonly names: Names
  readonly bound: ReadonlyArray<number>
}

const fit = (
  structure: Structure,
  specs: ReadonlyArray<Spec>,
  paths: ReadonlyArray<string>,
  values: unknown
): Fitted => {
  const names = collectNames(specs.map((spec, i) => ({ spec, path: paths[i]! })))
  const flat: Flat = { values: [], sizes: [], residents: [] }
  flatten(structure, names.wanted, values, flat)
  return { flat, names, bound: bind(names, flat.sizes) }
}

/** Writes all leaves; those of other residents go by way of the host. */
const fill = Effect.fnUntraced(function* (
  { device, leaves }: Resident<unknown>,
  { values, residents }: Flat
): Effect.fn.Return<void, ArgumentError | DeviceError> {
  const other = residents.find((resident) => resident.device !== device)
  if (other !== undefined)
    yield* attempt(() =>
      mismatch("values", `residents on this device (${device.name})`, `one on another (${other.device.name})`)
    )
  const isBuffer = (value: Data | DeviceBuffer): value is DeviceBuffer => !ArrayBuffer.isView(value)
  const data: Array<Data> = []
  for (const value of values) data.push(isBuffer(value) ? yield* device.read(value) : value)
  for (const [i, leaf] of leaves.entries()) yield* device.write(leaf.buffer, data[i]!)
}, Effect.uninterruptible)
