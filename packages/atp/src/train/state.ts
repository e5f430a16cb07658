/** What training keeps on the device: the model, the part of it that learns, and the optimiser's state. */
import { Optimiser } from "@noema/autodiff"
import { type Device, Program, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"
import * as g from "../nn/graph.ts"
import type { Reals } from "../nn/graph.ts"
import { firstDifference, fromWeights, isValues, mapLeaves, specsOf, toWeights, type Values } from "../nn/parameters.ts"
import {
  computeTree,
  type OnDevice,
  type ProgramError,
  readResident,
  resident,
  type Specs,
  writeResident
} from "../nn/program.ts"
import { type Held, hold, modelOf, type Reasoner } from "../nn/reasoner.ts"
import { loadWeights, type UnreadableWeights } from "../weights/file.ts"
import { firstNonFinite, MalformedWeights, type Weights } from "../weights/safetensors.ts"
import { OtherConfig } from "./errors.ts"

/** How parameters are moved: rate, decay and the bound on gradients. */
export interface OptimiserOptions {
  readonly learningRate: number
  readonly weightDecay: number
  /** Gradients are scaled down to this norm if theirs is larger. */
  readonly clipNorm: number
  /** Updates over which the learning rate rises to its value. */
  readonly warmup: number
  /** Updates after which it falls again, and how many it takes to a twentieth of its value; constant if left out. */
  readonly fall?: { readonly after: number; readonly over: number }
}

/** The learning rate by update: up, level, and down where it falls. */
export const rateOf = ({ fall, learningRate, warmup }: OptimiserOptions): Optimiser.Schedule.Schedule => {
  // The first update is step 0 and must not be made with a rate of nothing.
  const rising = Optimiser.Schedule.linear(learningRate / Math.max(1, warmup), learningRate, warmup)
  return fall === undefined || fall.over <= 0
    ? rising
    : Optimiser.Schedule.join(
        [rising, Optimiser.Schedule.linear(learningRate, learningRate / 20, fall.over)],
        [fall.after]
      )
}

/** AdamW behind a clip by the global norm; norms and biases do not decay. */
const optimiserOf = (options: OptimiserOptions): Optimiser.Transformation =>
  Optimiser.chain(
    Optimiser.clipByGlobalNorm(options.clipNorm),
    Optimiser.adamw({
      learningRate: rateOf(options),
      weightDecay: options.weightDecay,
      mask: (_, parameter) => parameter.sizes.length > 1
    })
  )

/** A tree on the device, in a program's eyes. */
export interface TrainState extends Held<Reals> {
  /** A copy of what learns, that it is held to; empty without one. */
  readonly reference: Held<Reals>["trainable"]
  readonly optimiser: Optimiser.OptimiserState
  /** []: updates made. Kept here so that a saved state always says where it is. */
  readonly updates: Reals
}

/** A copy moved towards what it is a copy of. */
const followed = <P>(copy: P, of: P, decay: number): P => {
  const average = Optimiser.movingAverage({ decay, debias: false })
  return average.update(of, { average: copy, weight: Tensor.scalar(1) }).average
}

/** The next state: parameters and optimiser moved on by one update. */
export const nextState = (
  state: TrainState,
  optimiser: Optimiser.Transformation,
  gradient: TrainState["trainable"],
  /** What of the reference stays; 1 unless it moves. */
  decay = 1
): TrainState => {
  const moved = optimiser.update(gradient, state.optimiser, state.trainable)
  const trainable = Optimiser.applyUpdates(state.trainable, moved.updates)
  return {
    ...state,
    trainable,
    reference: decay === 1 ? state.reference : followed(state.reference, trainable, decay),
    optimiser: moved.state,
    updates: g.add(state.updates, 1)
  }
}

/** A model in training, on the device. */
export interface HeldModel {
  readonly state: OnDevice<TrainState>
  readonly specs: Specs<TrainState>
  readonly optimiser: Optimiser.Transformation
}

const asTensors = (tree: unknown): unknown => mapLeaves(tree, isValues, ({ shape }: Values) => Tensor.zeros(shape))

/** Puts a model on the device, with a fresh optimiser. */
export const holdModel = Effect.fnUntraced(function* (
  model: Reasoner<Values>,
  options: OptimiserOptions,
  frozen: ReadonlyArray<keyof Reasoner<Values>> = [],
  /** Whether a copy is kept of the model as it is now. */
  keepsReference = false
): Effect.fn.Return<HeldModel, ProgramError, Device.Device | Scope.Scope> {
  const optimiser = optimiserOf(options)
  const held = hold(model, frozen)
  const reference = keepsReference ? held.trainable : {}
  const fresh = optimiser.init(asTensors(held.trainable))
  const specs: Specs<TrainState> = {
    trainable: specsOf<TrainState["trainable"]>(held.trainable),
    frozen: specsOf<TrainState["frozen"]>(held.frozen),
    reference: specsOf<TrainState["reference"]>(reference),
    optimiser: Program.specsOf<unknown>(fresh),
    updates: Program.spec([])
  }
  const state = yield* resident<TrainState>(specs, {
    ...held,
    reference,
    optimiser: yield* computeTree(fresh),
    updates: 0
  })
  const made: HeldModel = { state, specs, optimiser }
  return made
})

/** The model as it is now. */
export const currentModel = (held: HeldModel): Effect.Effect<Reasoner<Values>, Device.DeviceError> =>
  Effect.map(readResident(held.state), (tree) => modelOf<Values>(tree))

/** Everything that training continues from. */
export const stateOf = (held: HeldModel): Effect.Effect<Weights, Device.DeviceError> =>
  Effect.map(readResident(held.state), (tree) => toWeights(tree))

/** Continues from a saved state. Fails with `OtherConfig`, naming the first difference, if it is not of this model. */
export const restoreState = Effect.fnUntraced(function* (
  { file, weights }: { readonly file: string; readonly weights: Weights },
  held: HeldModel
): Effect.fn.Return<void, ProgramError | OtherConfig> {
  const tree = yield* readResident(held.state)
  const difference = firstDifference(tree, weights)
  if (difference !== null) return yield* new OtherConfig({ file, difference })
  yield* writeResident(held.state, fromWeights(tree, weights))
})

/** Takes the model of a saved state and leaves the optimiser, whatever it was. */
export const restoreModel = Effect.fnUntraced(function* (
  file: string,
  held: HeldModel
): Effect.fn.Return<void, ProgramError | UnreadableWeights | MalformedWeights | OtherConfig, FileSystem.FileSystem> {
  const weights = yield* loadWeights(file)
  const tree = yield* readResident(held.state)
  const model = { trainable: tree.trainable, frozen: tree.frozen }
  const isModel = (name: string) => name.startsWith("trainable.") || name.startsWith("frozen.")
  const own = { ...weights, tensors: new Map([...weights.tensors].filter(([name]) => isModel(name))) }
  const difference = firstDifference(model, own)
  if (difference !== null) return yield* new OtherConfig({ file, difference })
  const infinite = firstNonFinite(own)
  if (infinite !== null) {
    const { name: where, value } = infinite
    return yield* new MalformedWeights({ file, where, expected: "finite numbers", found: `${value}` })
  }
  yield* writeResident(held.state, { ...tree, ...fromWeights(model, own) })
})
