/**
 * What a peer needs to run the same method: the first weights, batches with their noise, and rollouts with their
 * advantages, in one safetensors file whose metadata holds the sizes; and our losses on them.
 */
import { valueAndGradWith } from "@noema/autodiff"
import { Held, Key, Pack, Recipes, Reinforce, Rollout, Rows, Safetensors, Supervised, WeightsTree } from "./inside.ts"
import { named, Program, Random, Resident, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { writeFileSync } from "node:fs"
import { type BenchSubject, clip, type Extent, logRatioLimit, method, phase, reinforcedBy } from "./subject.ts"

const { spec } = Program

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
  const width = experiment.sizes.width
  const { context, key, problems, tokenizer } = options(from, count)
  const packed = problems.map((problem) =>
    Pack.pack(tokenizer, problem, phase(from, count), { context, maxSteps, spare: method.layout.spare })
  )
  const extent = Pack.lengthsOf(packed)
  const arrays: Arrays = {}
  const rowsAt = Rows.rowsOf(key, problems.length, batch)
  for (let update = 0; update < count; update++) {
    const rows = rowsAt(update).map((row) => packed[row]!)
    arrays[`batch.${update}.question`] = Pack.padded(
      rows.map(({ question }) => question),
      extent.question,
      "left"
    )
    arrays[`batch.${update}.tail`] = Pack.padded(
      rows.map(({ tail }) => tail),
      extent.tail,
      "right"
    )
    arrays[`batch.${update}.groups`] = {
      ...Pack.padded(
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
  const { config, context, key, subject } = experiment
  return {
    tokenizer: subject.tokenizer,
    language: subject.language,
    problems: subject.train,
    phases: [phase(from, updates)],
    batch: config.supervised.batch,
    perStep: config.model.perStep,
    maxSteps: subject.maxSteps,
    context,
    key: Key.derive(key, "bench")
  }
}

const components = { latent: spec(["batch", "latents", 1]), written: spec(["batch", "time", 1]) }

/** One round's rollouts as minibatches with their advantages, and our losses of one update on each. */
const roundOf = Effect.fnUntraced(function* (from: BenchSubject) {
  const { experiment, first, reinforced, term, wording } = from
  const { group, minibatch, questions } = experiment.config.reinforcement
  const { perStep } = experiment.config.model
  const { width } = experiment.sizes
  const latentCount = wording.maxSteps * perStep
  const tailLength = wording.textSymbols + 1
  const held = yield* Held.hold(method, experiment.sizes, first, reinforced, { frozen: ["steps"] })
  const generator = yield* Rollout.generator(held, wording, {
    latents: "sampled",
    stops: "sampled",
    answers: "sampled",
    texts: "greedy",
    questions,
    group,
    policy: ({ explore, policy }) => explore ?? policy
  })
  const rollouts = yield* generator.run(
    experiment.subject.rl.slice(0, questions),
    Key.derive(experiment.key, "bench rollouts")
  )
  const scores = yield* Recipes.recipe("full").score(rollouts, experiment.key)
  const advantages = term.advantage
    .of(Array.from({ length: questions }, (_, i) => scores.slice(i * group, (i + 1) * group).map(({ total }) => total)))
    .flat()
  const { latents: taken } = yield* Resident.get(generator.sampler.state)
  const replaySpecs = {
    question: spec(["questions", "question"], "i32"),
    of: spec(["batch"], "i32"),
    latents: Array.from({ length: latentCount }, () => spec(["batch", "width"])),
    used: spec(["batch"], "i32"),
    tail: spec(["batch", "tail"], "i32")
  }
  const stored = (replay: Program.TensorsOf<typeof replaySpecs>): Reinforce.Stored => ({
    ...replay,
    noise: [],
    texts: null
  })
  const before = yield* Program.make(
    (state, replay) => {
      const model = Held.modelOf(held, state)
      const { estimator, reduce } = term
      const scored = estimator.chances(model, model.explore!, perStep, reduce.coordinates, stored(replay))
      const { latent, written } = Reinforce.byKind(scored)
      return { latent, written }
    },
    held.specs,
    replaySpecs
  )
  const update = yield* Program.make(
    (state, replay, old, advantage) => {
      const loss = (trainable: Program.AnyTensors) => {
        const model = Held.modelOf(held, { trainable, frozen: state.frozen })
        const { loss } = Reinforce.policyLoss(model, model.explore!, perStep, term, stored(replay), {
          before: { ...old, texts: [] },
          reference: null,
          advantage: {
            latent: Tensor.add(Tensor.mul(Tensor.sum(old.latent, 2), 0), Tensor.expandDims(advantage, 1)),
            written: advantage,
            texts: Tensor.zeros([Tensor.dim(advantage, 0), named("steps", 1)])
          },
          kept: Tensor.onesLike(advantage)
        })
        return [loss, { loss }] as const
      }
      const { gradient, report } = valueAndGradWith(loss)(state.trainable)
      return [Held.nextState(state, held.optimiser, gradient), report] as const
    },
    held.specs,
    replaySpecs,
    components,
    spec(["batch"])
  )
  const arrays: Arrays = {}
  const losses: Array<number> = []
  const prepared: Array<Effect.Effect<void, Program.ProgramError>> = []
  for (let at = 0; at * minibatch < rollouts.length; at++) {
    const chosen = rollouts.slice(at * minibatch, (at + 1) * minibatch)
    const question = Pack.padded(
      chosen.map(({ problem }) => Pack.packQuestion(wording.tokenizer, problem, wording.context)),
      wording.context,
      "left"
    )
    const used = Int32Array.from(chosen, ({ latents }) => latents.count)
    const tail = Pack.padded(
      chosen.map(({ tail }) => tail),
      tailLength,
      "right"
    )
    const rows = taken.map(({ data }) => data.subarray(at * minibatch * width, (at + 1) * minibatch * width))
    const advantage = Float32Array.from(advantages.slice(at * minibatch, (at + 1) * minibatch))
    // By attempt, as the peer takes them.
    const latents = Float32Array.from(
      chosen.flatMap((_, row) => rows.flatMap((data) => [...data.subarray(row * width, (row + 1) * width)]))
    )
    arrays[`replay.${at}.question`] = question
    arrays[`replay.${at}.latents`] = { shape: [minibatch, latentCount, width], data: latents }
    arrays[`replay.${at}.used`] = { shape: [minibatch], data: used }
    arrays[`replay.${at}.tail`] = tail
    arrays[`replay.${at}.advantage`] = { shape: [minibatch], data: advantage }
    const replay = {
      question,
      of: Int32Array.from(chosen.keys()),
      latents: rows.map((data) => ({ shape: [minibatch, width], data })),
      used,
      tail
    }
    const old = yield* before(held.state, replay)
    prepared.push(
      Effect.map(
        Program.update(update, held.state, replay, old, advantage),
        ({ loss }) => void losses.push(loss.data[0]!)
      )
    )
  }
  // The second time the ratios are no longer 1.
  for (const each of [...prepared, ...prepared]) yield* each
  return { arrays, losses }
})

/** What the peer calls our parts. */
const forPeer = (name: string): string =>
  `model.${name}`
    .replace(/^model\.latent\./, "model.latentHead.")
    .replace(/^model\.stop\./, "model.stopHead.")
    .replace(/^model\.steps\./, "model.decoder.")
    .replace(/^model\.backbone\.head\.0$/, "model.backbone.head")

/** Writes the file; gives our first losses on what is in it. */
export const handOver = Effect.fnUntraced(function* (from: BenchSubject, file: string, updates: number) {
  const { experiment, first, supervised, wording } = from
  const made = yield* batches(from, updates)
  const round = yield* Effect.scoped(roundOf(from))
  const held = yield* Held.hold(method, experiment.sizes, first, supervised)
  const reports = yield* Stream.runCollect(Supervised.supervised(held, options(from, updates)))
  const asked = experiment.subject.rl.slice(0, experiment.config.reinforcement.questions)
  const weights = [...WeightsTree.toWeights(first).tensors].map(([name, tensor]) => [forPeer(name), tensor] as const)
  const arrays: Arrays = {
    ...made.arrays,
    ...round.arrays,
    questions: Pack.padded(
      asked.map((problem) => Pack.packQuestion(wording.tokenizer, problem, wording.context)),
      wording.context,
      "left"
    ),
    answers: {
      shape: [asked.length],
      data: Int32Array.from(asked, ({ answer }) => wording.tokenizer.encode(answer)[0]!)
    }
  }
  const { group, minibatch, questions } = experiment.config.reinforcement
  const described = {
    ...experiment.sizes,
    kvHeads: experiment.sizes.groups,
    perStep: experiment.config.model.perStep,
    maxSteps: wording.maxSteps,
    batch: experiment.config.supervised.batch,
    updates,
    textSymbols: wording.textSymbols,
    stepSymbols: wording.stepSymbols,
    floor: method.reinforcement!.exploration,
    clip,
    logRatioLimit,
    divergence: method.terms.find(({ name }) => name === "kl")!.weight,
    group,
    minibatch,
    questions,
    supervised: { ...experiment.config.supervised, warmup: 1 },
    reinforced: { ...reinforcedBy, learningRate: experiment.config.reinforcement.learningRate },
    equals: wording.tokenizer.encode("=")[0]!
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
