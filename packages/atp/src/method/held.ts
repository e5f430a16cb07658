/** A method on the device: the parameters that learn, those that stay as they are, and what the optimiser keeps. */
import { Optimiser } from "@noema/autodiff"
import { type Device, Program, Resident, Tensor } from "@noema/tensor"
import { mapLeaves } from "@noema/tensor/tree"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Phase } from "../layout/layout.ts"
import type { Method, Put } from "./method.ts"
import type { ModelSizes } from "../part/sizes.ts"

/** Specifications of what is held. */
export interface HeldSpecs {
  readonly trainable: Program.AnySpecs
  readonly frozen: Program.AnySpecs
  /** A copy of what learns, that it is held to; empty without one. */
  readonly reference: Program.AnySpecs
  readonly optimiser: Program.AnySpecs
  /** Updates made. Kept here so that a saved state always says where it is. */
  readonly updates: Program.Spec<[], "f32">
}

/** What is held, in a traced function. */
export type HeldTensors = Program.TensorsOf<HeldSpecs>

/** A method with its parameters on the device. */
export interface Held {
  readonly method: Method
  readonly sizes: ModelSizes
  /** What the names in its specifications stand for. */
  readonly names: Program.NamedSizes
  readonly optimiser: Optimiser.Transformation
  readonly specs: HeldSpecs
  readonly state: Resident.Resident<HeldTensors>
}

/** The method at work with what is held; other parameters may stand for those that learn. */
export const modelOf = (
  { method, sizes }: Pick<Held, "method" | "sizes">,
  { frozen, trainable }: Pick<HeldTensors, "frozen" | "trainable">,
  exploration?: number
): Put => method.put({ ...trainable, ...frozen }, sizes, exploration)

/** Nothing is learned: what a method is held with that is only used. */
export const unchanging: Optimiser.Transformation = {
  init: () => ({}),
  update: (gradients, state) => ({ updates: gradients, state })
}

/** What is held beside what learns. */
export interface HoldOptions {
  /** Parts that stay as they are. */
  readonly frozen?: ReadonlyArray<string>
  /** Whether a copy is kept of what learns as it is now. */
  readonly keepsReference?: boolean
}

/**
 * Puts a method with these parameters on the device, with a fresh optimiser. What it holds is freed
 * with the scope.
 */
export const hold = Effect.fnUntraced(function* (
  method: Method,
  sizes: ModelSizes,
  values: Program.AnyValues,
  optimiser: Optimiser.Transformation = unchanging,
  { frozen = [], keepsReference = false }: HoldOptions = {}
): Effect.fn.Return<Held, Device.DeviceError, Device.Device | Scope.Scope> {
  const side = <T>(tree: Readonly<Record<string, T>>, isFrozen: boolean) =>
    Object.fromEntries(Object.entries(tree).filter(([part]) => frozen.includes(part) === isFrozen))
  const names = method.names(sizes)
  const specs = method.specs(sizes)
  const memory = optimiser.init(Program.zeros(side(specs, false), names))
  const held: HeldSpecs = {
    trainable: side(specs, false),
    frozen: side(specs, true),
    reference: keepsReference ? side(specs, false) : {},
    optimiser: Program.specsOf(memory),
    updates: Program.spec([])
  }
  const trainable: Program.AnyValues = side(values, false)
  const still: Program.AnyValues = side(values, true)
  const reference: Program.AnyValues = keepsReference ? trainable : {}
  const updates = Tensor.scalar(0)
  const state = yield* Resident.make({ trainable, frozen: still, reference, optimiser: memory, updates })
  return { method, sizes, names, optimiser, specs: held, state }
})

/** No gradient of these. */
const zerosOf = (tree: HeldTensors["trainable"]): HeldTensors["trainable"] => {
  const cleared = (leaf: Tensor.AnyTensor): Tensor.AnyTensor => Tensor.zerosLike(leaf)
  return mapLeaves(tree, Tensor.isTensor, cleared)
}

/** A copy moved towards what it is a copy of. */
const followed = <P>(copy: P, of: P, decay: number): P => {
  const average = Optimiser.movingAverage({ decay, debias: false })
  return average.update(of, { average: copy, weight: Tensor.scalar(1) }).average
}

/** What learns, by part: those that a phase names, or all, and beside them those that stay as they are. */
export const learningIn = (
  { learns }: Pick<Phase, "learns">,
  trainable: HeldTensors["trainable"]
): { readonly learning: HeldTensors["trainable"]; readonly still: HeldTensors["trainable"] } => {
  const side = (isLearning: boolean) =>
    Object.fromEntries(
      Object.entries(trainable).filter(([part]) => (learns === undefined || learns.includes(part)) === isLearning)
    )
  return { learning: side(true), still: side(false) }
}

/**
 * What is held after one update; `decay` is what of the reference stays, 1 unless it moves. Parts without a gradient stay as
 * they are.
 */
export const nextState = (
  state: HeldTensors,
  optimiser: Optimiser.Transformation,
  gradient: HeldTensors["trainable"],
  decay = 1
): HeldTensors => {
  const { still } = learningIn({ learns: Object.keys(gradient) }, state.trainable)
  const moved = optimiser.update({ ...zerosOf(still), ...gradient }, state.optimiser, state.trainable)
  const trainable = { ...Optimiser.applyUpdates(state.trainable, moved.updates), ...still }
  return {
    ...state,
    trainable,
    reference: decay === 1 ? state.reference : followed(state.reference, trainable, decay),
    optimiser: moved.state,
    updates: Tensor.add(state.updates, 1)
  }
}

/** The parameters as they are now. */
export const parametersOf = (held: Held): Effect.Effect<Program.AnyValues, Device.DeviceError> =>
  Effect.map(Resident.get(held.state), ({ frozen, trainable }) => ({ ...trainable, ...frozen }))

/** Updates made so far. */
export const updatesMade = (held: Held): Effect.Effect<number, Device.DeviceError> =>
  Effect.map(Resident.get(held.state), ({ updates }) => updates.data[0]!)
