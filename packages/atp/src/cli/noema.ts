/** The command line: `noema train`, `rl`, `eval`, `inspect`, `sample`, `data`, `devices`, `demo` and others. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as NodeChildProcessSpawner from "@effect/platform-node-shared/NodeChildProcessSpawner"
import * as NodePath from "@effect/platform-node-shared/NodePath"
import * as NodeStdio from "@effect/platform-node-shared/NodeStdio"
import * as NodeTerminal from "@effect/platform-node-shared/NodeTerminal"
import { Device, GpuJs, Reference, Wasm } from "@noema/tensor"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Argument, CliOutput, Command, Flag } from "effect/cli"
import { availableParallelism } from "node:os"
import { lastStageOf } from "../checkpoint/stage.ts"
import type { Problem } from "../data/problem.ts"
import { plain } from "../input/shown.ts"
import { atpLatent } from "../methods/atpLatent.ts"
import { methodNames } from "../methods/registry.ts"
import { modelOf } from "../pipeline/execute.ts"
import { evaluateHeld, generatorOf, passesOfHeld, refusalOfCard, refusalOfSets } from "../pipeline/judge.ts"
import { type Outcome, passLine, resultsOf } from "../pipeline/outcome.ts"
import { evaluate, type Pipeline, rank, reinforce, supervise } from "../pipeline/pipeline.ts"
import { type Listening, runIn } from "../pipeline/run.ts"
import { unmeant } from "../pipeline/stage.ts"
import { signal } from "../pipeline/signal.ts"
import { derive, fromSeed } from "../random/key.ts"
import { cardText } from "../report/card.ts"
import { accuracyText, passText, tableOf, tellsText } from "../report/table.ts"
import type { GenerateError, Rollout } from "../rollout/generate.ts"
import { isThere } from "../run/absent.ts"
import { version } from "../run/version.ts"
import { signalTable } from "../report/signal.ts"
import { type Held, parametersOf } from "../method/held.ts"
import { ask as askModel } from "../saved/ask.ts"
import { loadModel, methodNamed, saveModel } from "../saved/model.ts"
import { described, type Search } from "../search/search.ts"
import { searching } from "../search/searching.ts"
import { BadConfig } from "../train/config.ts"
import { perStepOf, wordingOf } from "../train/experiment.ts"
import { subjectOf, namedTask } from "../train/subject.ts"
import { branch, wayOut } from "./branch.ts"
import { compare, runs } from "./compare.ts"
import { demoStages, summarise } from "./demo.ts"
import { devices } from "./devices.ts"
import { learn } from "./learn.ts"
import { methodsWith } from "./methods.ts"
import { type Exported, isModule, loadModule } from "./module.ts"
import {
  configFlags,
  configOf,
  countFlag,
  type DeviceChoice,
  deviceFlag,
  firstGiven,
  folderFlag,
  moduleFlag,
  questionFlag,
  runFlags,
  testsOf,
  threadsFlag,
  type TrainingOptions
} from "./options.ts"
import { pathLines } from "./paths.ts"
import { progress } from "./progress.ts"
import {
  begunIn,
  holdStage,
  introduce,
  judgedBy,
  judgedByStage,
  pipelineIn,
  pipelineOf,
  type ReadContext,
  readContext,
  watched
} from "./run.ts"
import { checkSpoken, searchFlags, searchOf, stirringFlags, stirringOf } from "./search.ts"
import { complain, sentence, shellWord } from "./sentence.ts"
import { verify } from "./verify.ts"

/** More than these the device does not take. */
const mostThreads = 64

const deviceOf = ({
  device,
  threads
}: {
  readonly device: DeviceChoice
  readonly threads: Option.Option<number>
}): Layer.Layer<Device.Device, Device.DeviceUnavailable> => {
  // The process is ours, so the engine may be asked for its fastest products.
  const options = {
    threads: Option.getOrElse(threads, () => Math.min(mostThreads, availableParallelism())),
    engineFlags: true
  }
  switch (device) {
    case "auto":
      return Device.layerAuto(options)
    case "wasm":
      return Wasm.layer(options)
    case "webgpu":
      return GpuJs.layer({ mode: "webgpu" })
    case "reference":
      return Reference.layer
  }
}

/** A description, and under it what `--set` can say. */
const withPaths = (description: string): string =>
  [
    description,
    "",
    "Options of the config and their defaults (... where that is up to the data), each to be had by --set PATH=VALUE:",
    ...pathLines()
  ].join("\n  ")

const method = Argument.String("method").pipe(
  Argument.withDescription(
    `Method by name: ${methodNames.join(", ")}; or a module (mine.ts) that exports a method or a pipeline of your own`
  )
)
const shared = { ...runFlags, device: deviceFlag, threads: threadsFlag }

/** What is to be trained: a method, or the pipeline of a module. */
const wanted = (word: string): Effect.Effect<Exported, { readonly message: string }> =>
  isModule(word)
    ? loadModule(word)
    : Effect.map(
        Effect.mapError(methodNamed(word), () => ({
          message: `expected a method of ${methodNames.join(", ")}, or a module that ends in .ts or .js, found ${plain(word, 60)}`
        })),
        (method): Exported => ({ kind: "method", method })
      )

/** The config that options ask for: of a run that goes on, or the one that they describe. */
const configFor = Effect.fnUntraced(function* (options: TrainingOptions) {
  if (options.resume) {
    const given = firstGiven(options)
    if (given !== null)
      return yield* new BadConfig({ reason: `--resume goes on with the options of the run; leave out --${given}` })
    const { begun } = yield* begunIn(options.out)
    return begun.kind === "config"
      ? begun
      : yield* new BadConfig({ reason: `${options.out} holds a run of the pipeline in ${begun.module}; train that` })
  }
  const config = yield* configOf(options)
  return { config, tests: yield* testsOf(config, options.test) }
})

/** Who is told what happens in a run on the command line. */
const listening = Effect.gen(function* () {
  const { description } = yield* Device.Device
  const told: Listening = {
    ...progress(description),
    opened: introduce,
    stopped: (stage, made, of) => Console.error(`\n${stage} is saved at update ${made} of ${of}`)
  }
  return told
})

/** The pipeline of a method, of a config or of a module, with the stages of a command. */
const pipelineFor = Effect.fnUntraced(function* <E, R>(
  word: string,
  options: TrainingOptions,
  stages: (pipeline: ReturnType<typeof pipelineOf>) => Pipeline<E, R>
) {
  const exported = yield* wanted(word)
  if (exported.kind === "pipeline") {
    const given = firstGiven(options)
    if (given !== null)
      return yield* new BadConfig({ reason: `the pipeline in ${word} says its options itself; leave out --${given}` })
    return yield* pipelineIn(word)
  }
  const { config, tests } = yield* configFor(options)
  return stages(pipelineOf(config, tests, exported.method, isModule(word) ? { module: word } : {}))
})

/** What is missing where nobody provides a service that a pipeline of one's own needs, in a sentence. */
const unprovided = (defect: unknown): Effect.Effect<never, { readonly message: string }> => {
  const missing = defect instanceof Error ? /^Service not found: (\S+)/.exec(defect.message) : null
  return missing === null
    ? Effect.die(defect)
    : Effect.fail({
        message: `expected a pipeline that needs nothing but a device and files, found one that needs ${missing[1]}; provide it where it is used`
      })
}

/** What a command does in a run that it trains; who interrupts it is told how to go on. */
const training = <E extends { readonly message: string }, R>(
  command: string,
  { out }: TrainingOptions,
  body: Effect.Effect<void, E, R>
) => {
  const goOn = `go on with: noema ${command} --resume --out ${shellWord(out)}`
  return body.pipe(
    Effect.onInterrupt(() => Console.error(goOn)),
    Effect.catch((error) =>
      "_tag" in error && (error._tag === "NonFinite" || error._tag === "UnsoundState")
        ? Effect.flatMap(wayOut(out), (way) => Effect.fail({ message: `${error.message}${way}` }))
        : Effect.fail(error)
    ),
    Effect.catchDefect(unprovided),
    Effect.scoped,
    sentence
  )
}

/** The table of what was evaluated, what causal cards say, pass@k, and where the report is. */
const told =
  (out: string) =>
  ({ evaluations, passes }: Outcome) =>
    Console.log(
      [
        ...(evaluations.length === 0 ? [] : [tableOf(resultsOf(evaluations))]),
        ...evaluations.flatMap(({ card, set, stage }) =>
          card === null ? [] : [`${stage}, ${set}: ${card.verdict.sentence}`]
        ),
        ...passes.map((each) => passText(passLine(each))),
        `report: ${out}/report.html`
      ].join("\n\n")
    )

const train = Command.make("train", { method, ...shared }, ({ method, ...options }) =>
  training(
    `train ${shellWord(method)}`,
    options,
    Effect.gen(function* () {
      const pipeline = yield* pipelineFor(method, options, (run) =>
        run.pipe(supervise(), evaluate({ watch: judgedBy }))
      )
      yield* Effect.flatMap(pipeline.into(options.out, yield* listening), told(options.out))
    })
  )
).pipe(
  Command.withDescription(
    withPaths(
      "Train a method on written chains, then through its curriculum, or run a pipeline of your own. Run again to go on where it stopped."
    )
  ),
  Command.provide((options) => deviceOf(options))
)

const signalFlag = Flag.Boolean("signal").pipe(
  Flag.withDescription(
    "Reinforce nothing, and print how much of one round's gradient is signal, by estimator and for a random reward"
  ),
  Flag.withDefault(false)
)

const rl = Command.make("rl", { method, ...shared, signal: signalFlag }, ({ method, signal: isSignal, ...options }) =>
  training(
    `rl ${shellWord(method)}${isSignal ? " --signal" : ""}`,
    options,
    Effect.gen(function* () {
      if (isSignal) {
        const pipeline = yield* pipelineFor(method, options, (run) => run.pipe(supervise()))
        const found = yield* signal(pipeline, { folder: options.out, listening: yield* listening })
        return yield* Console.log(signalTable(found))
      }
      const pipeline = yield* pipelineFor(method, options, (run) =>
        run.pipe(
          supervise(),
          evaluate({ watch: judgedBy, passes: true }),
          reinforce({ watch: watched }),
          evaluate({ watch: judgedBy, passes: true })
        )
      )
      yield* Effect.flatMap(pipeline.into(options.out, yield* listening), told(options.out))
    })
  )
).pipe(
  Command.withDescription(withPaths("Reinforce a method; trains it first if the run has not yet")),
  Command.provide((options) => deviceOf(options))
)

const ranking = Command.make(
  "rank",
  { method, ...shared, ...stirringFlags },
  ({ dropout, method, noise, ...options }) =>
    training(
      `rank ${shellWord(method)}`,
      options,
      Effect.gen(function* () {
        const stirring = yield* stirringOf({ dropout, noise })
        const pipeline = yield* pipelineFor(method, options, (run) =>
          run.pipe(supervise(), evaluate({ watch: judgedBy }), rank(stirring))
        )
        yield* Effect.flatMap(pipeline.into(options.out, yield* listening), told(options.out))
      })
    )
).pipe(
  Command.withDescription(
    withPaths(
      "Train a reward model on what a method thinks, for searches; trains the method first if the run has not yet"
    )
  ),
  Command.provide((options) => deviceOf(options))
)

const stageArgument = Argument.String("stage").pipe(
  Argument.withDescription("Stage of the run: a method's name, or that with -rl"),
  Argument.withDefault("atp-latent-rl")
)

const ofRun = { stage: stageArgument, out: runFlags.out, module: moduleFlag, device: deviceFlag, threads: threadsFlag }

/** A stage of the run that a command looks at. */
const lookedAt = Effect.fnUntraced(function* ({
  module,
  out,
  stage
}: {
  readonly out: string
  readonly stage: string
  readonly module: Option.Option<string>
}) {
  const context = yield* readContext(out, Option.getOrUndefined(module))
  return { context, held: yield* holdStage(context, stage) }
})

const evaluation = Command.make(
  "eval",
  {
    ...ofRun,
    latents: Flag.Literals("latents", ["mean", "sampled"]).pipe(
      Flag.withDescription("Take latents at their mean (the default), or sample them"),
      Flag.optional
    ),
    ...searchFlags,
    card: Flag.Boolean("card").pipe(
      Flag.withDescription(
        "Also ask with other latents, probe what these hold, and say in words whether answers come from them"
      ),
      Flag.withDefault(false)
    ),
    passes: Flag.Boolean("passes").pipe(
      Flag.withDescription(
        "Also pass@k of sampled attempts, as many as the run says, at 200 questions of all sets together"
      ),
      Flag.withDefault(false)
    ),
    tells: Flag.Boolean("tells").pipe(
      Flag.withDescription(
        "With --passes: also how often rewards score a right attempt above a wrong one at the same question"
      ),
      Flag.withDefault(false)
    ),
    stops: Flag.Literals("stops", ["likely", "never"]).pipe(
      Flag.withDescription("Stop where that is the likelier (the default), or take as many latents as there may be"),
      Flag.optional
    ),
    set: Flag.String("set").pipe(
      Flag.withDescription(
        "A set to ask, several times for several; all that are held out unless given, train is asked by name"
      ),
      Flag.atLeast(0)
    )
  },
  ({ by, card, dropout, latents, noise, passes, search: wanted, set: sets, stage, stops, tells, ...of }) =>
    Effect.gen(function* () {
      const search = yield* searchOf({ search: wanted, by, noise, dropout })
      const options = {
        card,
        passes,
        tells,
        watch: judgedBy,
        ...(Option.isSome(latents) ? { latents: latents.value } : {}),
        ...(Option.isSome(stops) ? { stops: stops.value } : {}),
        ...(sets.length > 0 ? { sets } : {}),
        ...(search === null ? {} : { search })
      }
      const reason = unmeant(options, (option) => `--${option}`)
      if (reason !== null) return yield* new BadConfig({ reason })
      const { context, held } = yield* lookedAt({ ...of, stage })
      if (search !== null) yield* checkSpoken(search, held.method)
      const judging =
        search === null
          ? {}
          : {
              search: yield* judgedByStage(
                context,
                search,
                Option.getOrElse(by, () => "")
              )
            }
      const unasked = refusalOfSets(context.experiment, options, stage)
      if (unasked !== null) return yield* new BadConfig({ reason: unasked })
      const uncarded = card ? refusalOfCard(held) : null
      if (uncarded !== null) return yield* new BadConfig({ reason: `${uncarded}; leave out --card` })
      for (const each of yield* evaluateHeld(context.experiment, held, stage, { ...options, ...judging }))
        yield* Console.log(
          [
            `${each.set}: ${accuracyText(each)}`,
            ...(each.searched === null
              ? []
              : [
                  each.searched.name,
                  `one of ${each.searched.attempts} right: ${(100 * each.searched.coverage).toFixed(1)} %`
                ]),
            `${each.tokens.toFixed(1)} tokens`,
            ...Object.entries(each.watched).map(([name, mean]) => `${name} ${mean.toFixed(2)}`),
            `latents against steps ${each.adaptivity.toFixed(2)}`,
            ...(each.card === null ? [] : cardText(each.card, each.chance))
          ].join("\n  ")
        )
      if (passes)
        for (const each of yield* passesOfHeld(context.experiment, held, stage, options)) {
          yield* Console.log(passText(passLine(each)))
          for (const told of each.tells) yield* Console.log(tellsText(told))
        }
    }).pipe(Effect.scoped, sentence)
).pipe(
  Command.withDescription("Evaluate a stage of a run on its held-out sets"),
  Command.provide((options) => deviceOf(options))
)

const portrait = ({ answer, latents, problem, steps, stopChances }: Rollout, perStep: number): string => {
  const groups = steps.map((step, i) => {
    const chance = stopChances[i]
    return `  ${i + 1}. ${chance === undefined ? "" : `stop ${chance.toFixed(2)}  `}${step === "" ? "(nothing)" : step}`
  })
  const last = stopChances[Math.floor(latents.count / perStep)]
  return [
    `question  ${problem.question}`,
    `latents   ${latents.count}`,
    ...groups,
    ...(last === undefined ? [] : [`  stopped with chance ${last.toFixed(2)}`]),
    `answer    ${answer ?? "none"}${problem.answer === "" ? "" : ` (expected ${problem.answer})`}`
  ].join("\n")
}

/** The question that was given, or the first held-out one of a run; small data files may have none. */
const problemOf = ({ experiment }: ReadContext, question: Option.Option<string>) => {
  if (Option.isSome(question)) return Effect.succeed<Problem>({ question: question.value, steps: [], answer: "" })
  const [first] = experiment.subject.tests.flatMap(([, problems]) => problems)
  return first === undefined
    ? Effect.fail(new BadConfig({ reason: "the run has no held-out question to show; give one with --question" }))
    : Effect.succeed(first)
}

const inspect = Command.make(
  "inspect",
  {
    ...ofRun,
    question: questionFlag
  },
  ({ question, ...of }) =>
    Effect.gen(function* () {
      const { context, held } = yield* lookedAt(of)
      const problem = yield* problemOf(context, question)
      const one = yield* generatorOf(context.experiment, held)
      const [rollout] = yield* one.run([problem], derive(context.experiment.key, "inspect"))
      yield* Console.log(portrait(rollout!, perStepOf(context.experiment.config, held.method)))
    }).pipe(Effect.scoped, sentence)
).pipe(
  Command.withDescription("One question: latents, decoded steps, stop probabilities, answer"),
  Command.provide((options) => deviceOf(options))
)

/** All attempts of a search at one question, each with its score, and the answer that is taken. */
const searchedText = Effect.fnUntraced(function* (
  { experiment }: ReadContext,
  held: Held,
  search: Search<GenerateError>,
  problem: Problem
) {
  const wording = wordingOf(experiment, held.method)
  const searcher = yield* searching(held, wording, search, { questions: 1, spoken: true })
  const [found] = yield* searcher.run([problem], derive(experiment.key, "sample"))
  const { attempts, chosen, scores } = found!
  return [
    ...attempts.map((attempt, i) => {
      const score = scores === null ? "" : `\nscore     ${scores[i]!.toFixed(4)}`
      return `${portrait(attempt, wording.perStep)}${score}`
    }),
    `${described(search)}: ${chosen === null ? "no attempt has an answer" : attempts[chosen]!.answer!}`
  ].join("\n")
})

const sample = Command.make(
  "sample",
  {
    ...ofRun,
    question: questionFlag,
    count: countFlag("count", 1, 1024).pipe(
      Flag.withDescription("How many attempts, where nothing is searched for (default: 5)"),
      Flag.optional
    ),
    ...searchFlags
  },
  ({ by, count, dropout, noise, question, search: wanted, ...of }) =>
    Effect.gen(function* () {
      const search = yield* searchOf({ search: wanted, by, noise, dropout })
      if (search !== null && Option.isSome(count))
        return yield* new BadConfig({ reason: "--search says how many attempts there are; leave out --count" })
      const { context, held } = yield* lookedAt(of)
      const problem = yield* problemOf(context, question)
      if (search !== null) {
        yield* checkSpoken(search, held.method)
        const judged = yield* judgedByStage(
          context,
          search,
          Option.getOrElse(by, () => "")
        )
        return yield* Console.log(yield* searchedText(context, held, judged, problem))
      }
      const made = yield* generatorOf(context.experiment, held, "sampled")
      const rollouts = yield* made.run(
        Array.from({ length: Option.getOrElse(count, () => 5) }, () => problem),
        derive(context.experiment.key, "sample")
      )
      for (const rollout of rollouts)
        yield* Console.log(portrait(rollout, perStepOf(context.experiment.config, held.method)))
    }).pipe(Effect.scoped, sentence)
).pipe(
  Command.withDescription("Several attempts at one question, with sampled latents, and what a search makes of them"),
  Command.provide((options) => deviceOf(options))
)

const exporting = Command.make(
  "export",
  {
    ...ofRun,
    to: folderFlag("to").pipe(
      Flag.withDescription("Folder to write model.safetensors, config.json and tokenizer.json to")
    ),
    half: Flag.Boolean("half").pipe(
      Flag.withDescription("Round the numbers to half precision: half the bytes"),
      Flag.withDefault(false)
    )
  },
  ({ half, to, ...of }) =>
    Effect.gen(function* () {
      const { context, held } = yield* lookedAt(of)
      const model = modelOf(context.experiment, held.method, yield* parametersOf(held))
      yield* saveModel(to, model, half ? "F16" : "F32")
      yield* Console.log(`${to} holds ${of.stage}`)
    }).pipe(Effect.scoped, sentence)
).pipe(
  Command.withDescription("Write the model of a stage as Hugging Face keeps LLaMA"),
  Command.provide((options) => deviceOf(options))
)

const ask = Command.make(
  "ask",
  {
    folder: Argument.String("folder").pipe(
      Argument.withDescription("Folder that export wrote, or of a run: then its last stage is asked")
    ),
    question: Argument.String("question").pipe(Argument.withDescription("A question in the words of the model")),
    module: moduleFlag,
    device: deviceFlag,
    threads: threadsFlag
  },
  ({ folder, module, question }) =>
    Effect.gen(function* () {
      if (yield* isThere(`${folder}/run.json`)) {
        const context = yield* readContext(folder, Option.getOrUndefined(module))
        const stage = yield* lastStageOf(context.folder)
        yield* Console.error(`${folder} holds a run; this is its stage ${stage} (inspect shows others)`)
        const held = yield* holdStage(context, stage)
        const made = yield* generatorOf(context.experiment, held)
        const [rollout] = yield* made.run(
          [{ question, steps: [], answer: "" }],
          derive(context.experiment.key, "inspect")
        )
        return yield* Console.log(portrait(rollout!, perStepOf(context.experiment.config, held.method)))
      }
      const exported = Option.isSome(module) ? yield* loadModule(module.value) : null
      const saved = yield* loadModel(folder, exported?.kind === "method" ? [exported.method] : [])
      yield* Console.log(portrait(yield* askModel(saved, question), saved.use?.perStep ?? 1))
    }).pipe(Effect.scoped, sentence)
).pipe(
  Command.withDescription("Ask a model one question"),
  Command.provide((options) => deviceOf(options))
)

const data = Command.make(
  "data",
  {
    ...configFlags,
    count: countFlag("count", 0, 2 ** 20).pipe(Flag.withDescription("How many problems to show"), Flag.withDefault(3))
  },
  ({ count, ...options }) =>
    Effect.gen(function* () {
      const config = yield* configOf(options)
      const task = namedTask(config, yield* testsOf(config, options.test))
      const subject = yield* subjectOf(config, task, fromSeed(config.seed))
      yield* Console.log(
        `${subject.name}: ${subject.train.length} for training, ${subject.rl.length} for reinforcement`
      )
      for (const [set, problems] of subject.tests) yield* Console.log(`  ${set}: ${problems.length}`)
      if (config.data !== undefined)
        yield* Console.log(
          `  left out: ${subject.leftOut.join(", ") || "nothing"}; kept as text: ${subject.keptAsText.join(", ") || "nothing"}`
        )
      for (const problem of subject.train.slice(0, count))
        yield* Console.log(
          `\n${problem.question}\n${problem.steps.map((step) => `  ${step}`).join("\n")}\n  answer ${problem.answer}`
        )
    }).pipe(Effect.scoped, sentence)
).pipe(Command.withDescription("Show what there is to learn from"))

const demoCommand = Command.make("demo", shared, (options) =>
  training(
    "demo",
    options,
    Effect.gen(function* () {
      const begun = performance.now()
      const { config, tests } = yield* configFor(options)
      const pipeline = pipelineOf(config, tests, atpLatent).pipe(demoStages(config))
      const summary = yield* Effect.map(
        runIn(pipeline, options.out, yield* listening, summarise(begun)),
        ({ summary }) => summary
      )
      yield* Console.log(
        `\n${[tableOf(summary.results), ...summary.findings].join("\n\n")}\n\nreport: ${options.out}/report.html`
      )
    })
  )
).pipe(
  Command.withDescription(
    withPaths("The main job: train baselines and ATP-Latent alike, reinforce, evaluate, write report.html")
  ),
  Command.provide((options) => deviceOf(options))
)

const root = Command.make("noema").pipe(
  Command.withDescription("Latent reasoning methods, compiled to fast kernels"),
  Command.withSubcommands([
    train,
    rl,
    ranking,
    evaluation,
    inspect,
    sample,
    exporting,
    ask,
    data,
    methodsWith(wanted),
    devices,
    demoCommand,
    verify,
    branch,
    compare,
    runs,
    learn
  ])
)

/** A command line that cannot be understood is answered with what is wrong; the help is there for the asking. */
const presenter: CliOutput.Presenter = {
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Console.error(
          `${plain(event.errors.map(({ message }) => message.trim()).join("; "))} ` +
            `(${event.commandPath.join(" ")} --help lists what there is)`
        )
      : CliOutput.defaultPresenter.present(event)
}

const platform = Layer.mergeAll(
  CliOutput.layerPresenter(presenter),
  NodeFileSystem.layer,
  NodePath.layer,
  NodeTerminal.layer,
  NodeStdio.layer,
  NodeChildProcessSpawner.layer.pipe(Layer.provide(Layer.mergeAll(NodeFileSystem.layer, NodePath.layer)))
)

/**
 * The command line with the words after its name, as a program that needs nothing more. What cannot be done is said on
 * standard error and makes `process.exitCode` 1; it fails where the words cannot be understood.
 */
export const noema = (words: ReadonlyArray<string>) =>
  Command.runWith(root, { version })(words).pipe(
    // Devices are made before a command begins.
    Effect.catchTag("DeviceUnavailable", complain),
    Effect.provide(platform)
  )
