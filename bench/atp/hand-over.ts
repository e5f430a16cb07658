/**
 * What a peer needs to run the same method: the first weights, batches with their noise, and rollouts with their
 * advantages, in one safetensors file whose metadata holds the sizes; and our losses on them.
 */
import { Optimiser } from "@noema/autodiff"
import {
  Generate,
  Gradient,
  Graph as g,
  Key,
  Layout,
  Parameters,
  PolicyGradient,
  Programs,
  ReasonerModel,
  Recipes,
  Safetensors,
  Supervised,
  TrainState
} from "@noema/atp"
import { Program, Random, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { writeFileSync } from "node:fs"
import { type BenchSubject, clip, type Extent, logRatioLimit, method, phase } from "./subject.ts"

/** Our losses, update by update. */
export interface Losses {
  readonly update: ReadonlyArray<number>
  readonly round: ReadonlyArray<number>
}

export interface HandedOver {
  readonly losses: Losses
  readonly extent: Extent
}

type Arrays = Record<string, { readonly shape: ReadonlyArray<number>; readonly data: Float32Array | Int32Array }>

/** The batches that supervised training takes, and the noise it draws for them. */
const batches = Effect.fnUntraced(function* (from: BenchSubject, count: number) {
  const { experiment } = from
  const { perStep } = experiment.config.model
  const { batch } = experiment.config.supervised
  const { maxSteps } = experiment.budget
  const width = experiment.sizes.backbone.width
  const { context, key, problems, tokenizer } = options(from, count)
  const packed = problems.map((problem) =>
    Layout.pack(tokenizer, problem, phase(from, count), { context, maxSteps, spare: method.speaker!.spare })
  )
  const extent = Layout.lengthsOf(packed)
  const arrays: Arrays = {}
  const rowsAt = Supervised.rowsOf(key, problems.length, batch)
  for (let update = 0; update < count; update++) {
    const rows = rowsAt(update).map((row) => packed[row]!)
    arrays[`batch.${update}.question`] = Layout.padded(
      rows.map(({ question }) => question),
      extent.question,
      "left"
    )
    arrays[`batch.${update}.tail`] = Layout.padded(
      rows.map(({ tail }) => tail),
      extent.tail,
      "right"
    )
    arrays[`batch.${update}.groups`] = {
      ...Layout.padded(
        rows.flatMap(({ groups }) => groups),
        extent.group,
        "right"
      ),
      shape: [batch, maxSteps, extent.group]
    }
    arrays[`batch.${update}.needed`] = { shape: [batch], data: Int32Array.from(rows, ({ needed }) => needed) }
    const drawn = Key.words(Key.derive(key, "noise", update))
    const noise = Array.from({ length: maxSteps * perStep }, (_, t) =>
      Random.normal(Random.foldIn(Tensor.fromArray(drawn, [2]) as Random.Key, t), [batch, width])
    )
    const host = yield* Program.compute(noise)
    arrays[`batch.${update}.noise`] = {
      shape: [noise.length, batch, width],
      data: Float32Array.from(host.flatMap(({ data }) => Array.from(data as Float32Array)))
    }
  }
  return { arrays, extent }
})

/** The options of supervised training, as the runs that are timed have them. */
export const options = (from: BenchSubject, updates: number): Supervised.SupervisedOptions => {
  const { experiment } = from
  const { config, context, key, sizes, subject } = experiment
  return {
    method,
    sizes,
    tokenizer: subject.tokenizer,
    problems: subject.train,
    phases: [phase(from, updates)],
    batch: config.supervised.batch,
    perStep: config.model.perStep,
    maxSteps: subject.maxSteps,
    context,
    key: Key.derive(key, "bench")
  }
}

/** One round's rollouts as minibatches with their advantages, and our losses of one update on each. */
const roundOf = Effect.fnUntraced(function* (from: BenchSubject) {
  const { experiment, model, reinforced, term, trained } = from
  const { group, minibatch, questions } = experiment.config.reinforcement
  const { perStep } = experiment.config.model
  const { backbone } = experiment.sizes
  const latentCount = trained.maxSteps * perStep
  const tailLength = trained.textSymbols + 1
  const held = yield* TrainState.holdModel(model, reinforced, ["decoder"])
  const sampler = yield* Generate.generator(
    held.state,
    held.specs,
    trained,
    { latents: "sampled", stops: "sampled", answers: "sampled", batch: questions * group, speak: true },
    term.policy
  )
  const asked = experiment.subject.rl
    .slice(0, questions)
    .flatMap((problem) => Array<typeof problem>(group).fill(problem))
  const rollouts = yield* sampler.run(asked, Key.derive(experiment.key, "bench rollouts"))
  const scores = yield* Recipes.recipe("full").score(rollouts, experiment.key)
  const advantages = term.advantage
    .of(Array.from({ length: questions }, (_, i) => scores.slice(i * group, (i + 1) * group).map(({ total }) => total)))
    .flat()
  const parts = { policy: term.policy, stop: method.stop, coordinates: term.reduce.coordinates, perStep }
  const replaySpecs = [
    Program.spec([minibatch, trained.context], "i32"),
    Program.spec([minibatch, latentCount, backbone.width]),
    Program.spec([minibatch], "i32"),
    Program.spec([minibatch, tailLength], "i32")
  ] as const
  type Old = Pick<PolicyGradient.TrajectoryScores, "latent" | "written">
  type Rows = [question: g.Integers, latents: g.Reals, used: g.Integers, tail: g.Integers]
  const replayOf = ([question, latents, used, tail]: Rows): PolicyGradient.Replay => ({ question, latents, used, tail })
  const before = yield* Programs.compiled(
    (state: TrainState.TrainState, ...rows: Rows) => {
      const { latent, written } = PolicyGradient.score(
        ReasonerModel.modelOf(state),
        experiment.sizes,
        parts,
        replayOf(rows)
      )
      return { latent, written }
    },
    held.specs,
    ...replaySpecs
  )
  const update = yield* Programs.updating(
    (state: TrainState.TrainState, old: Old, advantage: g.Reals, ...rows: Rows) => {
      const loss = (trainable: TrainState.TrainState["trainable"]) => {
        const whole = ReasonerModel.modelOf({ trainable, frozen: state.frozen })
        const result = PolicyGradient.policyLoss(whole, experiment.sizes, parts, term, replayOf(rows), {
          before: old,
          reference: null,
          advantage: { latent: advantage, written: advantage },
          kept: g.full([minibatch], 1)
        })
        return [result.loss, { loss: result.loss, norm: result.drift }] as const
      }
      const { gradient, report } = Gradient.gradientWith(loss)(state.trainable)
      return [
        TrainState.nextState(state, held.optimiser, gradient),
        { ...report, norm: Optimiser.globalNorm(gradient) }
      ]
    },
    held.specs,
    { latent: Program.spec([minibatch, latentCount, 1]), written: Program.spec([minibatch, tailLength]) },
    Program.spec([minibatch]),
    ...replaySpecs
  )
  const arrays: Arrays = {}
  const losses: Array<number> = []
  const prepared: Array<readonly [Programs.GivenAll<Readonly<Rows>>, Programs.OnHost<Old>, Float32Array]> = []
  for (let at = 0; at * minibatch < rollouts.length; at++) {
    const chosen = rollouts.slice(at * minibatch, (at + 1) * minibatch)
    const rows = {
      question: Layout.padded(
        chosen.map(({ problem }) => Layout.packQuestion(trained.tokenizer, problem, trained.context)),
        trained.context,
        "left"
      ),
      latents: {
        shape: [minibatch, latentCount, backbone.width],
        data: Float32Array.from(chosen.flatMap(({ thoughts }) => Array.from(thoughts)))
      },
      used: { shape: [minibatch], data: Int32Array.from(chosen, ({ latents }) => latents.count) },
      tail: Layout.padded(
        chosen.map(({ tail }) => tail),
        tailLength,
        "right"
      )
    }
    const advantage = Float32Array.from(advantages.slice(at * minibatch, (at + 1) * minibatch))
    for (const [name, array] of Object.entries(rows)) arrays[`replay.${at}.${name}`] = array
    arrays[`replay.${at}.advantage`] = { shape: [minibatch], data: advantage }
    const flat = [rows.question, rows.latents, rows.used.data, rows.tail] as const
    prepared.push([flat, yield* before(held.state, ...flat), advantage])
  }
  // The second time the ratios are no longer 1.
  for (const [flat, old, advantage] of [...prepared, ...prepared]) {
    const { loss } = yield* update(held.state, old, advantage, ...flat)
    losses.push(loss.data[0]!)
  }
  return { arrays, losses }
})

/** Writes the file; gives our first losses on what is in it. */
export const handOver = Effect.fnUntraced(function* (from: BenchSubject, file: string, updates: number) {
  const { experiment, model, reinforced, supervised, trained } = from
  const made = yield* batches(from, updates)
  const round = yield* Effect.scoped(roundOf(from))
  const held = yield* TrainState.holdModel(model, supervised)
  const reports = yield* Stream.runCollect(Supervised.supervised(held, options(from, updates)))
  const asked = experiment.subject.rl.slice(0, experiment.config.reinforcement.questions)
  const weights = Parameters.toWeights({ model }).tensors
  const arrays: Arrays = {
    ...made.arrays,
    ...round.arrays,
    questions: Layout.padded(
      asked.map((problem) => Layout.packQuestion(trained.tokenizer, problem, trained.context)),
      trained.context,
      "left"
    ),
    answers: {
      shape: [asked.length],
      data: Int32Array.from(asked, ({ answer }) => trained.tokenizer.encode(answer)[0]!)
    }
  }
  const { group, minibatch, questions } = experiment.config.reinforcement
  const described = {
    ...experiment.sizes.backbone,
    decoderLayers: experiment.sizes.decoderLayers,
    perStep: experiment.config.model.perStep,
    maxSteps: trained.maxSteps,
    batch: experiment.config.supervised.batch,
    updates,
    textSymbols: trained.textSymbols,
    stepSymbols: trained.stepSymbols,
    floor: experiment.config.reinforcement.floor,
    clip,
    logRatioLimit,
    divergence: method.weights.divergence,
    group,
    minibatch,
    questions,
    supervised,
    reinforced,
    equals: trained.tokenizer.encode("=")[0]!
  }
  const own = Object.entries(arrays).map(([name, { data, shape }]): [string, Safetensors.HostTensor] => [
    name,
    { dtype: data instanceof Int32Array ? "i32" : "f32", shape, data }
  ])
  const bytes = Safetensors.encode({
    tensors: new Map([...weights, ...own]),
    metadata: new Map([["config", JSON.stringify(described)]])
  })
  writeFileSync(file, bytes)
  const handed: HandedOver = {
    losses: { update: reports.map(({ figures }) => figures["total"]!), round: round.losses },
    extent: made.extent
  }
  return handed
})
