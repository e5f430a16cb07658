/** A model small enough for the float64 interpreter, and what tests of methods share. */
import {
  Arithmetic,
  Config,
  Experiment,
  Held,
  Key,
  Layout,
  Method,
  Objective,
  Part,
  Policy,
  Reinforce,
  Stop,
  Subject,
  Walk
} from "./inside.ts"
import type { Optimiser } from "@noema/autodiff"
import { Program, Reference, Tensor } from "@noema/tensor"
import { putTogether, takeApart } from "@noema/tensor/tree"
import * as Effect from "effect/Effect"

export const onReference = <A, E>(effect: Effect.Effect<A, E, any>): Promise<A> =>
  Effect.runPromise(effect.pipe(Effect.scoped, Effect.provide(Reference.layer)) as Effect.Effect<A, E>)

export const smallConfig = await Effect.runPromise(
  Config.decodeConfig({
    seed: 3,
    task: "walk",
    walk: new Walk.WalkOptions({ nodes: 4, branching: 1, distractors: 0, steps: 2, canonicalLabels: false }),
    arithmetic: new Arithmetic.ArithmeticOptions({
      values: 5,
      modular: true,
      steps: 2,
      weights: [0.5, 0.5, 0],
      common: 0.7,
      distractors: 0,
      canonicalLabels: false
    }),
    model: { width: 8, layers: 1, heads: 2, kvHeads: 1, hidden: 8, perStep: 2, vocabulary: 100 },
    supervised: {
      problems: 40,
      batch: 4,
      warmStart: 2,
      perStage: 1,
      final: 2,
      learningRate: 1e-2,
      warmup: 1,
      cooldown: 0
    },
    reinforcement: {
      rounds: 2,
      questions: 2,
      group: 4,
      minibatch: 4,
      learningRate: 1e-2,
      warmup: 1,
      cooldown: 0,
      advantage: "group-relative",
      reduce: "sum",
      replay: { chains: 4, weight: 0.2 }
    },
    evaluate: 6,
    attempts: 4
  })
)

export const smallKey = Key.fromSeed(3)
export const small = (config = smallConfig): Experiment.Experiment =>
  Experiment.experiment(config, Subject.generated(config, smallKey), smallKey)

/** Another tree of values, leaf by leaf. */
export const changed = (
  values: Program.AnyValues,
  change: (value: number, index: number, path: string) => number
): Program.AnyValues => {
  const isLeaf = (value: unknown): value is Program.HostTensor => Program.isHostTensor(value)
  const { leaves, paths, structure } = takeApart(values, isLeaf, "")
  return putTogether(structure, (at) => {
    const { data, shape, sizes } = leaves[at]!
    return new Program.HostTensor(
      shape,
      sizes,
      "f32",
      data.map((value, i) => change(value, i, paths[at]!))
    )
  }) as Program.AnyValues
}

/** First parameters, with the small initial scales raised so that every part matters to the result. */
export const lively = (experiment: Experiment.Experiment, method: Method.Method): Program.AnyValues => {
  const random = Key.draws(Key.fromSeed(11))
  return changed(Experiment.firstParameters(experiment, method), (value) => value + 0.2 * (random.uniform() - 0.5))
}

/** Values as constants of a graph. */
export const asTensors = (values: Program.AnyValues): Program.AnyTensors => {
  const isLeaf = (value: unknown): value is Program.HostTensor => Program.isHostTensor(value)
  const { leaves, structure } = takeApart(values, isLeaf, "")
  return putTogether(structure, (i) => {
    const { data, shape, sizes } = leaves[i]!
    return Tensor.fromNode(Tensor.fromArray(data, sizes).node, shape)
  }) as Program.AnyTensors
}

/** A method at work with such values. */
export const put = (experiment: Experiment.Experiment, method: Method.Method, values = lively(experiment, method)) =>
  method.put(asTensors(values), experiment.sizes)

export const holdSmall = (
  experiment: Experiment.Experiment,
  method: Method.Method,
  values?: Program.AnyValues,
  optimiser?: Optimiser.Transformation
) => Held.hold(method, experiment.sizes, values ?? lively(experiment, method), optimiser)

/** A tensor of a batch, under the names of its axes. */
export const integers = <const S extends ReadonlyArray<string>>(
  { data, shape }: { readonly data: Int32Array; readonly shape: ReadonlyArray<number> },
  names: S
): Tensor.Tensor<[...S], "i32"> => Tensor.fromNode(Tensor.fromArray(data, shape).node, names)

/** Problems of a phase as a batch of training. */
export const batchOf = (
  { budget, subject }: Experiment.Experiment,
  { layout }: Method.Method,
  phase: Layout.Phase,
  problems = subject.train.slice(0, 4)
) => {
  const packed = problems.map((problem) =>
    Layout.pack(subject.tokenizer, problem, phase, {
      context: 96,
      maxSteps: budget.maxSteps,
      spare: layout.spare,
      ...(layout.blocks === undefined ? {} : { blocks: layout.blocks }),
      language: subject.language
    })
  )
  const { group, question, tail, written } = Layout.lengthsOf(packed)
  const padded = (of: (one: Layout.Packed) => ReadonlyArray<number>, length: number, side: "left" | "right") =>
    Layout.padded(packed.map(of), length, side)
  const groups = Layout.padded(
    packed.flatMap((each) => (each.groups.length === 0 ? [[]] : each.groups)),
    group,
    "right"
  )
  return {
    packed,
    batch: {
      question: integers(
        padded((one) => one.question, question, "left"),
        ["batch", "question"]
      ),
      tail: integers(
        padded((one) => one.tail, tail, "right"),
        ["batch", "tail"]
      ),
      groups: integers({ data: groups.data, shape: [problems.length, Math.max(1, phase.latentSteps), group] }, [
        "batch",
        "steps",
        "symbols"
      ]),
      needed: integers({ data: Int32Array.from(packed, ({ needed }) => needed), shape: [problems.length] }, ["batch"]),
      results: integers(
        padded((one) => one.results, Math.max(1, phase.latentSteps), "right"),
        ["batch", "steps"]
      ),
      donor: integers({ data: Int32Array.from(Layout.donorsOf(packed)), shape: [problems.length] }, ["batch"]),
      written: integers(
        padded((one) => one.written, written, "right"),
        ["batch", "written"]
      )
    }
  }
}

/** The values of tensors, computed by the float64 interpreter. */
export const numbers = <const T>(tree: T): Promise<Program.HostOf<T>> => onReference(Program.compute(tree))
export const farthest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)

/** Mixtures of symbols in place of steps, stage by stage, reinforced with noise in units of the rows' lengths. */
export const mixtures = Method.method({
  name: "Mixtures",
  summary: "feeds mixtures of symbols back, and is reinforced with noise on them",
  backbone: Part.llama,
  parts: {},
  policy: ({ backbone }) => Policy.Mixture.softThinking(backbone, { temperature: 0.5 }),
  stop: () => Stop.fixedCount,
  layout: Layout.stages(),
  objective: [Objective.text(1)],
  reinforcement: {
    explore: ({ backbone }, noise) =>
      Policy.Mixture.softTokens(backbone, { temperature: 0.5, noise: noise * Math.sqrt(backbone.table.sizes[1]) }),
    exploration: 0.33,
    advantage: Reinforce.Advantage.leaveOneOut
  }
})
