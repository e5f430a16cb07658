/**
 * `Resident`: a tree of arrays that stays on the device between runs. Programs take it in place of host arrays, without
 * a copy; `Program.update` replaces its values in place.
 */
import { type HostOf, type SpecsOf, type TensorsOf } from "./forms.ts"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { Device, type DeviceBuffer, type DeviceError, type DeviceShape } from "../device/device.ts"
import * as build from "../graph/build.ts"
import { count } from "../graph/build.ts"
import type { Data, DType } from "../graph/node.ts"
import type { Dims, Identical, Shape } from "../shape/dim.ts"
import { type AnyTensor, fromNode, isTensor, type Tensor } from "../tensor/value.ts"
import type { AnyTensors, AnyValues } from "./any.ts"
import { type ArgumentOf, type Flat, flatten } from "./arguments.ts"
import { bind, bindTo, collectNames, dimsOf, givenSizes, type Names } from "./bind.ts"
import { makeCell, type Resident, type ResidentLeaf } from "./cell.ts"
import { type ArgumentError, attempt, mismatch } from "./errors.ts"
import { HostTensor, isHostTensor } from "./host.ts"
import { withResidents } from "./lock.ts"
import { isSpec, spec, type Spec } from "./spec.ts"
import type { NamesOf, Sizes } from "./sizes.ts"
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
 * const state = yield* Resident.make({ w: Tensor.ones([2]), step: Tensor.scalar(0, "i32") })
 * (yield* Resident.get(state)).w.toArray() // => [1, 1]
 */
export const make = <const T>(tree: T): Effect.Effect<Resident<HeldOf<T>>, DeviceError, Device | Scope.Scope> =>
  Effect.gen(function* () {
    const device = yield* Device
    const { structure, leaves, paths } = takeApart(tree, isSource, "")
    const cell = yield* allocate<HeldOf<T>>(
      device,
      structure,
      leaves.map((leaf, i) => {
        const { shape, sizes, dtype }: Source = leaf
        return { path: paths[i]!, spec: spec(shape, dtype), sizes, parts: (leaf as Dims).parts }
      })
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
 * const specs = { w: Program.spec(["in", "out"]) }
 * const params = yield* Resident.fromHost(specs, { w: { shape: [1, 2], data: Float32Array.of(3, 4) } })
 * (yield* Resident.get(params)).w.toArray() // => [[3, 4]]
 */
export const fromHost = <const Specs>(
  specs: Specs,
  values: ArgumentOf<Specs>
): Effect.Effect<Resident<TensorsOf<Specs>>, ArgumentError | DeviceError, Device | Scope.Scope> =>
  Effect.gen(function* () {
    const device = yield* Device
    const { structure, leaves, paths } = takeApart(specs, isSpec, "", "a specification")
    const { flat, names, bound } = yield* attempt(() => fit(structure, leaves, paths, values))
    const cell = yield* allocate<TensorsOf<Specs>>(device, structure, heldLeaves(names, bound))
    yield* withResidents(flat.residents, fill(cell, flat))
    return cell
  })

const heldLeaves = (names: Names, bound: ReadonlyArray<number>): ReadonlyArray<Omit<ResidentLeaf, "buffer">> =>
  names.wanted.map((wanted) => {
    const { sizes, parts } = dimsOf(names, wanted, bound)
    return { path: wanted.path, spec: wanted.spec, sizes, parts }
  })

/**
 * A resident of zeros, of the shapes of specifications with their names bound to sizes: `"heads*head"` follows from
 * `heads` and `head`. Fails with `ArgumentError` for a size that is missing, or that no specification names.
 *
 * @example
 * const specs = { cache: Program.spec(["batch", "slots", 4]), at: Program.spec(["batch"], "i32") }
 * const state = yield* Resident.zeros(specs, { batch: 2, slots: 3 })
 * (yield* Resident.get(state)).at.toArray() // => [0, 0]
 */
export const zeros = <const Specs>(
  specs: Specs,
  sizes: Sizes<NamesOf<Specs>>
): Effect.Effect<Resident<TensorsOf<Specs>>, ArgumentError | DeviceError, Device | Scope.Scope> =>
  Effect.gen(function* () {
    const device = yield* Device
    const { structure, leaves, paths } = takeApart(specs, isSpec, "", "a specification")
    const names = collectNames(leaves.map((spec, i) => ({ spec, path: paths[i]! })))
    const bound = yield* attempt(() => bindTo(names, givenSizes(names, sizes, "")))
    const cell = yield* allocate<TensorsOf<Specs>>(device, structure, heldLeaves(names, bound))
    for (const { buffer, sizes, spec } of cell.leaves)
      yield* device.write(buffer, new storage[spec.dtype](count(sizes)))
    return cell
  })

const storage = { f32: Float32Array, i32: Int32Array, bool: Uint8Array } as const

/**
 * The values, copied to the host; of a part of them where `pick` takes one from the tree, such as
 * `(state) => state.params.w`.
 *
 * @example
 * const state = yield* Resident.make({ step: Tensor.scalar(3, "i32"), w: Tensor.zeros([2]) })
 * (yield* Resident.get(state)).step.toArray() // => 3
 * (yield* Resident.get(state, ({ w }) => w)).toArray() // => [0, 0]
 */
export const get: {
  <T>(resident: Resident<T>): Effect.Effect<HostOf<T>, DeviceError>
  <T, const U>(resident: Resident<T>, pick: (values: T) => U): Effect.Effect<HostOf<U>, DeviceError>
} = <T>(resident: Resident<T>, pick: (values: T) => unknown = (values) => values): Effect.Effect<any, DeviceError> => {
  const read = ({ buffer, spec, sizes }: ResidentLeaf) =>
    Effect.map(
      resident.device.read(buffer),
      (data) => new HostTensor(spec.shape, sizes, spec.dtype, data as Float32Array & Int32Array & Uint8Array)
    )
  return Effect.suspend(() => {
    const { leaves, structure } = picked(resident, pick)
    const reads = Effect.forEach(leaves, read)
    return withResidents(
      [resident],
      Effect.map(reads, (values) => putTogether(structure, (i) => values[i]))
    )
  })
}

/** The leaves that `pick` takes from the tree, which it gets with a tensor in the place of each. */
const picked = <T>(
  { leaves, structure }: Resident<T>,
  pick: (values: T) => unknown
): { readonly structure: Structure; readonly leaves: ReadonlyArray<ResidentLeaf> } => {
  const nodes = leaves.map(({ path, sizes, spec }) => build.input(path, sizes, spec.dtype))
  const tree = putTogether(structure, (i) => fromNode(nodes[i]!, leaves[i]!.spec.shape)) as T
  const taken = takeApart(pick(tree), isTensor, "picked")
  return {
    structure: taken.structure,
    leaves: taken.leaves.map(({ node }, i) => {
      const leaf = leaves[nodes.indexOf(node)]
      if (leaf === undefined)
        throw new TypeError(`${taken.paths[i]}: expected a part of the resident, found a tensor computed from it`)
      return leaf
    })
  }
}

/**
 * Replaces the values by host arrays of the same shapes, or by those of another resident. Fails with `ArgumentError`,
 * and then nothing has changed.
 *
 * @example
 * const state = yield* Resident.make({ w: Tensor.zeros([2]), step: Tensor.scalar(3, "i32") })
 * yield* Resident.set(state, { w: Float32Array.of(1, 2), step: 0 })
 * (yield* Resident.get(state)).w.toArray() // => [1, 2]
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
  const flat: Flat = { values: [], sizes: [], residents: [], known: [] }
  flatten(structure, names.wanted, values, flat)
  return { flat, names, bound: bind(names, flat.sizes, flat.known) }
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
