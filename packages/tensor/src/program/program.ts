/**
 * `Program`: a typed function of tensors, compiled once for every binding of its names and run as an Effect.
 */
import { type HostOf, type FittingOf, type TensorsOf } from "./forms.ts"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { Device, type DeviceBuffer, type DeviceError, type DeviceShape, type Executable } from "../device/device.ts"
import { type Rule, whole, type Wrong, wrongOption, yesOrNo } from "../device/options.ts"
import { debug } from "../graph/debug.ts"
import type { Data } from "../graph/node.ts"
import { printGraph } from "../graph/print.ts"
import { ShapeError } from "../shape/errors.ts"
import { type AnyTensor, isTensor } from "../tensor/value.ts"
import { type ArgumentsOf, type Flat, flatten } from "./arguments.ts"
import { bind, bindTo, collectNames, givenSizes, type Names } from "./bind.ts"
import { breathe } from "./breathe.ts"
import type { Resident } from "./cell.ts"
import { type ArgumentError, attempt, mismatch } from "./errors.ts"
import { HostTensor } from "./host.ts"
import { withResidents } from "./lock.ts"
import { isSpec } from "./spec.ts"
import { Specialisations } from "./specialisations.ts"
import { type Succession, successions } from "./state.ts"
import { trace, type Trace } from "./trace.ts"
import { putTogether, type Structure, takeApart } from "./tree.ts"

/** How a program is compiled and run. */
export interface ProgramOptions {
  /** Indices out of range and the first NaN or infinity are `CheckFailure`s that name the operation. Slower. */
  readonly checked?: boolean
  /** Names of the arguments, for messages; their positions unless given. */
  readonly names?: ReadonlyArray<string>
  /**
   * Sizes of names: those that arguments are to have, and those of the factors and terms that names are made of, such as
   * `heads` and `head` for an axis `"heads*head"`, which `Tensor.splitLast` takes apart.
   */
  readonly sizes?: Readonly<Record<string, number>>
  /**
   * For how many sizes of its names the program stays compiled at a time, 64 unless told. The least recently used is
   * dropped for one more, with all it holds on the device, and compiled again when it is needed.
   */
  readonly specialisations?: number
}

/** What running a program can fail with. */
export type ProgramError = ArgumentError | ShapeError | DeviceError

const ProgramKey: unique symbol = Symbol.for("@noema/tensor/Program")

/**
 * A compiled function from trees of tensors to a tree of tensors. Calling it gives an Effect of the result on the
 * host. It is traced and compiled at the first call with new sizes.
 */
export interface Program<Specs extends ReadonlyArray<unknown>, Result> {
  (...args: ArgumentsOf<Specs>): Effect.Effect<HostOf<Result>, ProgramError>
  readonly [ProgramKey]: Core
}

/** The tensors a function of these specifications is called with. */
export type TensorArguments<Specs extends ReadonlyArray<unknown>> = {
  readonly [K in keyof Specs]: TensorsOf<Specs[K]>
}

/**
 * A program from a function and the specifications of its arguments: trees of `Program.spec`. Names in the
 * specifications are bound from the arguments of each run. What the program holds on the device is freed with the
 * scope.
 *
 * Running fails with `ArgumentError` (an argument that does not fit its specification, by path, or an option that makes
 * no sense), `ShapeError` (the
 * function itself, while it is traced) or `DeviceError`. A run is not interrupted half-way; a fiber is between runs.
 *
 * @example
 * const predict = yield* Program.make(
 *   (params, x) => Tensor.add(Tensor.matmul(x, params.w), params.b),
 *   { w: Program.spec([2, 1]), b: Program.spec([1]) },
 *   Program.spec(["batch", 2])
 * )
 * const params = { w: Float32Array.of(1, 10), b: Float32Array.of(100) }
 * (yield* predict(params, Float32Array.of(1, 2, 3, 4))).toArray() // => [[121], [143]]
 */
export const make = <const Specs extends ReadonlyArray<unknown>, const Result>(
  fn: (...tensors: TensorArguments<Specs>) => Result,
  ...specs: Specs
): Effect.Effect<Program<Specs, Result>, never, Device | Scope.Scope> => open({}, fn, specs)

/**
 * `make` with options.
 *
 * @example
 * const options = { checked: true, names: ["x"] }
 * const log = yield* Program.makeWith(options, (x) => Tensor.log(x), Program.spec([2]))
 * yield* log(Float32Array.of(1, 2, 3)) // fails x: expected [2], found 3 values
 * yield* log(Float32Array.of(1, -1)) // fails log f32[2] of x: NaN at [1] from -1
 */
export const makeWith = <const Specs extends ReadonlyArray<unknown>, const Result>(
  options: ProgramOptions,
  fn: (...tensors: TensorArguments<Specs>) => Result,
  ...specs: Specs
): Effect.Effect<Program<Specs, Result>, never, Device | Scope.Scope> => open(options, fn, specs)

const open = <Specs extends ReadonlyArray<unknown>, Result>(
  options: ProgramOptions,
  fn: (...tensors: TensorArguments<Specs>) => Result,
  specs: Specs
): Effect.Effect<Program<Specs, Result>, never, Device | Scope.Scope> =>
  Effect.gen(function* () {
    const core = makeCore(options, fn, specs, yield* Device, yield* Scope.Scope)
    const run = (...args: ReadonlyArray<unknown>) => execute(core, args)
    return Object.assign(run, { [ProgramKey]: core }) as Program<Specs, Result>
  })

/**
 * Runs a program of `(state, ...args) => [state, result]` on a resident state: the new state takes the place of the
 * old one on the device, without a copy, and the result comes to the host. Fails as a run does; `ArgumentError` also
 * where the new state is not like the old one. After a `DeviceError` the state is not to be relied on.
 *
 * A function that is not written in the call of `make` returns `[state, result] as const`, or its type is an array.
 *
 * @example
 * const add = (sum: Tensor.Tensor<[]>, x: Tensor.Tensor<[]>) => [Tensor.add(sum, x), Tensor.mul(sum, 10)] as const
 * const adder = yield* Program.make(add, Program.spec([]), Program.spec([]))
 * const state = yield* Resident.make(Tensor.scalar(3))
 * (yield* Program.update(adder, state, 4)).toArray() // => 30
 * (yield* Resident.get(state)).toArray() // => 7
 */
export const update = <State, Rest extends ReadonlyArray<unknown>, Next, Result>(
  program: Program<readonly [State, ...Rest], readonly [Next, Result]>,
  resident: Resident<FittingOf<State>>,
  ...args: ArgumentsOf<Rest>
): Effect.Effect<HostOf<Result>, ProgramError> =>
  Effect.map(
    execute(program[ProgramKey], [resident, ...args], resident),
    (both) => (both as [unknown, HostOf<Result>])[1]
  )

/**
 * Compiles a program for given sizes of its names before it runs, and says what a run will need: the planned peak in
 * bytes beside its arguments, and how many kernels it runs and compiled. With `update`, for the runs of `update`.
 *
 * @example
 * const twice = yield* Program.make((x) => Tensor.add(x, x), Program.spec(["batch", 4]))
 * const { plannedBytes } = yield* Program.prepare(twice, { batch: 32 })
 * plannedBytes >= 32 * 4 * 4 // => true
 */
export const prepare = (
  program: { readonly [ProgramKey]: Core },
  sizes: Readonly<Record<string, number>>,
  options: { readonly update?: boolean } = {}
): Effect.Effect<Pick<Executable, "plannedBytes" | "kernels">, ProgramError> => {
  const core = program[ProgramKey]
  const bound = attempt(() => {
    const wrong = core.wrong ?? wrongOption(options, { update: yesOrNo })
    if (wrong !== null) refuse(wrong)
    const given = givenSizes(core.names, core.options.sizes ?? {}, "options.sizes")
    return bindTo(core.names, [...given, ...givenSizes(core.names, sizes, "")])
  })
  return bound.pipe(
    Effect.flatMap((bound) =>
      withCompiled(core, bound, options.update === true, ({ executable }) =>
        Effect.succeed({ plannedBytes: executable.plannedBytes, kernels: executable.kernels })
      )
    )
  )
}

/**
 * The values of a tensor, or of a tree of tensors: a program without arguments that runs once.
 *
 * @example
 * (yield* Program.compute(Tensor.add(Tensor.ones([2]), 1))).toArray() // => [2, 2]
 */
export const compute = <const T>(
  tree: T,
  options: Pick<ProgramOptions, "checked"> = {}
): Effect.Effect<HostOf<T>, DeviceError, Device> =>
  Effect.gen(function* () {
    const wrong = wrongOption(options, { checked: yesOrNo })
    if (wrong !== null) refuse(wrong)
    const device = yield* Device
    const { structure, leaves } = takeApart(tree, isTensor, "")
    const graph = { inputs: [], outputs: leaves.map((leaf) => leaf.node) }
    debug("graph", () => printGraph(graph))
    const executable = yield* device.compile(graph, options)
    const results = yield* Effect.uninterruptible(
      executable.run(
        [],
        graph.outputs.map(() => null)
      )
    )
    return collect({ structure, outputs: leaves }, results) as HostOf<T>
  }).pipe(Effect.scoped)

/** What the functions of this file share about one program. */
interface Core {
  readonly options: ProgramOptions
  /** The first of them that makes no sense. */
  readonly wrong: Wrong | null
  readonly fn: (...tensors: ReadonlyArray<never>) => unknown
  readonly structures: ReadonlyArray<Structure>
  readonly names: Names
  readonly device: DeviceShape
  readonly compiled: Specialisations<Compiled>
}

interface Compiled {
  readonly executable: Executable
  /** The form of the result. */
  readonly structure: Structure
  readonly outputs: ReadonlyArray<Pick<AnyTensor, "shape" | "sizes" | "dtype">>
  /** Where an update writes the new state; empty for a plain run. */
  readonly successions: ReadonlyArray<Succession>
}

const usualSpecialisations = 64

const rules: Readonly<Record<keyof ProgramOptions, Rule>> = {
  checked: yesOrNo,
  names: {
    expected: "a list of different names",
    holds: (value) =>
      Array.isArray(value) && value.every((name) => typeof name === "string") && new Set(value).size === value.length
  },
  sizes: { expected: "sizes by name", holds: (value) => typeof value === "object" && value !== null },
  specialisations: whole(1)
}

const refuse = ({ name, expected, found }: Wrong): never => mismatch(`options.${name}`, expected, found)

const makeCore = (
  options: ProgramOptions,
  fn: (...tensors: ReadonlyArray<never>) => unknown,
  specs: ReadonlyArray<unknown>,
  device: DeviceShape,
  scope: Scope.Scope
): Core => {
  const wrong = wrongOption(options, rules)
  const names = wrong === null ? options.names : undefined
  const roots = specs.map((spec, i) => [names?.[i] ?? `arguments.${i}`, spec] as const)
  const { structure, leaves, paths } = takeApart(Object.fromEntries(roots), isSpec, "", "a specification")
  return {
    options,
    wrong,
    fn,
    structures: structure.kind === "record" ? structure.items : [],
    names: collectNames(leaves.map((spec, i) => ({ spec, path: paths[i]! }))),
    device,
    compiled: new Specialisations(options.specialisations ?? usualSpecialisations, scope)
  }
}

/** The graph for a binding; a `ShapeError` that the function throws is a failure, anything else a defect. */
const traced = (core: Core, bound: ReadonlyArray<number>): Effect.Effect<Trace, ShapeError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(trace(core.fn, core.structures, core.names, bound))
    } catch (error) {
      return error instanceof ShapeError ? Effect.fail(error) : Effect.die(error)
    }
  })

/** Runs `use` with the program compiled for a binding. */
const withCompiled = <A>(
  core: Core,
  bound: ReadonlyArray<number>,
  updates: boolean,
  use: (compiled: Compiled) => Effect.Effect<A, ProgramError>
): Effect.Effect<A, ProgramError> =>
  core.compiled.with(updates ? `${bound.join()} update` : bound.join(), compile(core, bound, updates), use)

const compile = Effect.fnUntraced(function* (
  core: Core,
  bound: ReadonlyArray<number>,
  updates: boolean
): Effect.fn.Return<Compiled, ProgramError, Scope.Scope> {
  const { graph, structure, outputs } = yield* traced(core, bound)
  const pairs = yield* attempt(() => (updates ? successions(core.structures[0]!, { graph, structure }) : []))
  debug("graph", () => printGraph(graph))
  const executable = yield* core.device.compile(graph, {
    ...(core.options.checked === undefined ? {} : { checked: core.options.checked }),
    donate: pairs.map(({ input, output }) => [input, output] as const)
  })
  const form = outputs.map(({ shape, sizes, dtype }) => ({ shape, sizes, dtype }))
  return { executable, structure, outputs: form, successions: pairs }
})

const execute = (
  core: Core,
  args: ReadonlyArray<unknown>,
  updated?: Resident<unknown>
): Effect.Effect<unknown, ProgramError> => {
  const run = attempt(() => {
    if (core.wrong !== null) refuse(core.wrong)
    const flat: Flat = { values: [], sizes: [], residents: [], known: [] }
    if (args.length !== core.structures.length)
      mismatch("arguments", `${core.structures.length} arguments`, `${args.length}`)
    core.structures.forEach((structure, i) => flatten(structure, core.names.wanted, args[i], flat))
    checkResidents(core, flat, updated)
    const given = givenSizes(core.names, core.options.sizes ?? {}, "options.sizes")
    return { flat, bound: bind(core.names, flat.sizes, [...given, ...flat.known]) }
  }).pipe(
    Effect.flatMap(({ flat, bound }) =>
      withCompiled(core, bound, updated !== undefined, (compiled) => {
        const launch = Effect.map(
          Effect.uninterruptible(compiled.executable.run(flat.values, destinations(compiled, flat))),
          (results) => collect(compiled, results)
        )
        return flat.residents.length === 0 ? launch : withResidents(flat.residents, launch)
      })
    )
  )
  return Effect.flatMap(breathe, () => run)
}

const destinations = ({ outputs, successions }: Compiled, { values }: Flat): ReadonlyArray<DeviceBuffer | null> => {
  const into: Array<DeviceBuffer | null> = outputs.map(() => null)
  for (const { input, output } of successions) into[output] = values[input] as DeviceBuffer
  return into
}

const checkResidents = (core: Core, { residents }: Flat, updated: Resident<unknown> | undefined): void => {
  for (const resident of residents)
    if (resident.device !== core.device)
      mismatch(
        "arguments",
        `residents on this device (${core.device.name})`,
        `one on another (${resident.device.name})`
      )
  if (updated !== undefined && residents.filter((resident) => resident === updated).length > 1)
    mismatch("arguments", "the resident that is updated once", "it twice")
}

/** The result tree on the host; what was written into a resident has no value here. */
const collect = (
  { structure, outputs }: Pick<Compiled, "structure" | "outputs">,
  results: ReadonlyArray<Data | null>
): unknown =>
  putTogether(structure, (i) => {
    const { shape, sizes, dtype } = outputs[i]!
    const data = results[i] ?? null
    return data === null ? null : new HostTensor(shape, sizes, dtype, data as Float32Array)
  })
