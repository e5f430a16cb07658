/** ATP-Latent at its default size: a supervised update through all latents, a round of reinforcement, generation. */
import {
  Config,
  Experiment,
  Generate,
  Key,
  Methods,
  Parameters,
  Pipeline,
  Recipes,
  Reinforcement,
  Subject,
  Supervised,
  TrainState
} from "@noema/atp"
import { Program, Resident, Tensor, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { BenchOptions, BenchOutcome, Row } from "../harness/module.ts"

export const name = "atp"

const clock = Effect.sync(() => performance.now())
const best = (times: ReadonlyArray<number>): number => Math.min(...times)
const method = Methods.methods["atp-latent"]

/** Times between the elements of a stream; the first, which compiles, by itself. */
const timed = <A, E, R>(stream: Stream.Stream<A, E, R>) =>
  Effect.gen(function* () {
    const marks = [yield* clock]
    yield* Stream.runForEach(stream, () => Effect.map(clock, (now) => void marks.push(now)))
    const [first, ...rest] = marks.slice(1).map((mark, i) => mark - marks[i]!)
    return { first: first!, best: best(rest) }
  })

/** Billions of operations a second on a product of the model's shape: all rows of a batch times a feed-forward weight. */
const productRate = (rows: number, width: number, hidden: number) =>
  Effect.gen(function* () {
    const product = yield* Program.make(
      (a, b) => Tensor.sum(Tensor.matmul(a, b)),
      Program.spec([rows, width]),
      Program.spec([width, hidden])
    )
    // On the device already, so that only the product is timed.
    const a = yield* Resident.make(Tensor.full([rows, width], 0.5))
    const b = yield* Resident.make(Tensor.full([width, hidden], 0.5))
    const times: Array<number> = []
    for (let i = 0; i < 30; i++) {
      const before = yield* clock
      yield* product(a, b)
      times.push((yield* clock) - before)
    }
    return (2 * rows * width * hidden) / best(times) / 1e6
  })

const measure = (updates: number, rounds: number) =>
  Effect.gen(function* () {
    const config = yield* Config.decodeConfig({ supervised: { problems: 2000 }, reinforcement: { rounds } })
    const key = Key.fromSeed(config.seed)
    const experiment = Experiment.experiment(config, Subject.generated(config, key), key)
    const { budget, context, sizes, stepSymbols } = experiment
    const model = Experiment.firstModel(experiment, method)
    const { batch } = config.supervised
    const { perStep } = config.model
    const groups = budget.maxSteps

    const held = yield* TrainState.holdModel(model, config.supervised)
    const phase = { name: "answers", latentSteps: groups, text: "none" as const, updates }
    const step = yield* timed(
      Supervised.supervised(held, Experiment.supervisedOptions(experiment, method, [phase], "bench"))
    )
    const tail = 4
    const rows = batch * (context + groups * perStep + tail)
    const { embedding: _, ...backbone } = model.backbone
    const operations =
      6 * Parameters.countOf(backbone) * rows +
      6 * Parameters.countOf(model.decoder) * batch * groups * (perStep + stepSymbols)
    const rate = operations / step.best / 1e6
    const product = yield* productRate(batch * context, sizes.backbone.width, sizes.backbone.hidden)

    const acting = yield* TrainState.holdModel(model, { ...config.supervised, warmup: 1 }, ["decoder"])
    const trained = Experiment.trainedBy(experiment, method)
    const { group, minibatch, questions } = config.reinforcement
    const round = yield* timed(
      Reinforcement.reinforcement(acting, {
        trained,
        term: Pipeline.exploringTerm(experiment, method)!,
        problems: experiment.subject.rl,
        reward: Recipes.recipe("full"),
        rounds,
        questions,
        group,
        minibatch,
        key
      })
    )

    const latentsAt = Effect.fnUntraced(function* (size: number) {
      const generator = yield* Generate.generator(held.state, held.specs, trained, {
        latents: "sampled",
        stops: "likely",
        answers: "greedy",
        batch: size,
        speak: false
      })
      const asked = experiment.subject.train.slice(0, size)
      const times: Array<number> = []
      for (let i = 0; i < 6; i++) {
        const before = yield* clock
        yield* generator.run(asked, Key.derive(key, i))
        times.push((yield* clock) - before)
      }
      return (size * groups * perStep * 1000) / best(times.slice(1))
    })

    const rowsOut: ReadonlyArray<Row> = [
      {
        what: `supervised update, batch ${batch}, ${groups} latent steps`,
        ms: step.best.toFixed(1),
        rate: `${rate.toFixed(1)} GF`,
        "of our products": `${((100 * rate) / product).toFixed(0)} %`
      },
      { what: "its first, with tracing and compiling", ms: step.first.toFixed(0) },
      {
        what: `round of ${questions * group} rollouts and ${(questions * group) / minibatch} updates`,
        ms: round.best.toFixed(0),
        rate: `${((questions * group * 1000) / round.best).toFixed(0)} rollouts/s`
      },
      { what: "latents and answers, batch 1", rate: `${(yield* latentsAt(1)).toFixed(0)} latents/s` },
      { what: "latents and answers, batch 64", rate: `${(yield* latentsAt(64)).toFixed(0)} latents/s` }
    ]
    return rowsOut
  })

export const run = async ({ quick }: BenchOptions): Promise<BenchOutcome> => ({
  rows: await Effect.runPromise(
    measure(quick ? 3 : 40, quick ? 2 : 8).pipe(Effect.scoped, Effect.provide(Wasm.layer({ threads: 2 })))
  ),
  notes: [
    "Two threads. ms: the fastest of all. GF: billions of operations of the model's products a second, three times those of the forward pass.",
    "of our products: the share of the speed of one product of the model's shape, called by itself.",
    "Without a peer: the same method in PyTorch is not written."
  ]
})
