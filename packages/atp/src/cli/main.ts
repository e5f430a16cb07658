#!/usr/bin/env node
/** The command line: `noema train`, `rl`, `eval`, `inspect`, `sample`, `data`, `devices`, `demo` and others. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as NodeChildProcessSpawner from "@effect/platform-node-shared/NodeChildProcessSpawner"
import * as NodePath from "@effect/platform-node-shared/NodePath"
import * as NodeStdio from "@effect/platform-node-shared/NodeStdio"
import * as NodeRuntime from "@effect/platform-node-shared/NodeRuntime"
import * as NodeTerminal from "@effect/platform-node-shared/NodeTerminal"
import { Device, GpuJs, Reference, Wasm } from "@noema/tensor"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import { Argument, CliOutput, Command, Flag } from "effect/cli"
import { availableParallelism } from "node:os"
import { type MethodName, methodNames, methods } from "../methods/registry.ts"
import { derive, fromSeed } from "../random/key.ts"
import type { Use } from "../data/errors.ts"
import type { Problem } from "../data/problem.ts"
import type { RunContext } from "../train/pipeline.ts"
import type { Rollout } from "../rollout/generate.ts"
import type { Method } from "../method/method.ts"
import { type SearchName, searches } from "../search/search.ts"
import { lastStageOf } from "../checkpoint/stage.ts"
import { plain } from "../input/shown.ts"
import { isThere } from "../run/absent.ts"
import { readRun } from "../run/folder.ts"
import {
  BadConfig,
  configFlags,
  configOf,
  configOfBegun,
  countFlag,
  type DeviceChoice,
  deviceFlag,
  firstGiven,
  folderFlag,
  questionFlag,
  runFlags,
  testsOf,
  threadsFlag,
  type TrainingOptions
} from "./options.ts"
import { accuracyText, tableOf } from "../report/table.ts"
import { loadModel, saveModel } from "../saved/model.ts"
import { branch, wayOut } from "./branch.ts"
import { devices } from "./devices.ts"
import { finished, generatorOfSaved } from "./saved.ts"
import { pathLines } from "./paths.ts"
import { complain, sentence, shellWord } from "./sentence.ts"
import { verify } from "./verify.ts"
import {
  demo,
  evaluateMethod,
  generatorOf,
  holdStage,
  methodOfStage,
  openContext,
  type ReadContext,
  readContext,
  reinforceMethod,
  resultOf,
  searchMethod,
  subjectOf,
  trainMethod,
  version
} from "./run.ts"

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
    "Options of the config and their defaults, each to be had by --set PATH=VALUE:",
    ...pathLines()
  ].join("\n  ")

const methodOf = <const Names extends ReadonlyArray<MethodName>>(names: Names) =>
  Argument.Literals("method", names).pipe(Argument.withDescription(`Method by name: ${names.join(", ")}`))
const method = methodOf(methodNames)
const shared = { ...runFlags, device: deviceFlag, threads: threadsFlag }

/** The run in a folder, and the config it was begun with. */
const begun = Effect.fnUntraced(function* (out: string) {
  const { config, run } = yield* readRun(out)
  return { ...(yield* configOfBegun(config)), run }
})

/** The run that a folder holds, to be looked at. */
const reopened = Effect.fnUntraced(function* (out: string) {
  const { config, run, tests } = yield* begun(out)
  return yield* readContext(config, tests, run)
})

/** The run that options ask for: one that goes on, or one that they describe. */
const contextOf = Effect.fnUntraced(function* (options: TrainingOptions, ...uses: ReadonlyArray<Use>) {
  if (options.resume) {
    const given = firstGiven(options)
    if (given !== null)
      return yield* new BadConfig({ reason: `--resume goes on with the options of the run; leave out --${given}` })
    const { config, tests } = yield* begun(options.out)
    return yield* openContext(config, tests, options.out, uses)
  }
  const config = yield* configOf(options)
  return yield* openContext(config, yield* testsOf(config, options.test), options.out, uses)
})

/** What a command does in a run that it trains; who interrupts it is told how to go on. */
const training = <E extends { readonly message: string }, R>(
  command: string,
  options: TrainingOptions,
  uses: ReadonlyArray<Use>,
  body: (context: RunContext) => Effect.Effect<void, E, R>
) =>
  Effect.gen(function* () {
    const context = yield* contextOf(options, ...uses)
    const goOn = `go on with: noema ${command} --resume --out ${shellWord(options.out)}`
    yield* body(context).pipe(
      Effect.onInterrupt(() => Console.error(goOn)),
      Effect.catch((error) =>
        "_tag" in error && (error._tag === "NonFinite" || error._tag === "UnsoundState")
          ? Effect.flatMap(wayOut(options.out), (way) => Effect.fail({ message: `${error.message}${way}` }))
          : Effect.fail(error)
      )
    )
  }).pipe(Effect.scoped, sentence)

const train = Command.make("train", { method, ...shared }, ({ method, ...options }) =>
  training(
    `train ${method}`,
    options,
    ["training"],
    Effect.fnUntraced(function* (context) {
      const held = yield* trainMethod(context, method)
      const results = yield* evaluateMethod(context.experiment, held, "mean")
      yield* Console.log(tableOf(results.map((each) => resultOf(methods[method].name, "none", each))))
    })
  )
).pipe(
  Command.withDescription(
    withPaths("Train a method on written chains, then through its curriculum. Run again to go on where it stopped.")
  ),
  Command.provide((options) => deviceOf(options))
)

const scored = methodNames.filter((name) => (methods[name] as Method).reinforcement !== null)

const rl = Command.make("rl", { method: methodOf(scored), ...shared }, ({ method, ...options }) =>
  training(
    `rl ${method}`,
    options,
    ["training", "reinforcement"],
    Effect.fnUntraced(function* (context) {
      const held = yield* reinforceMethod(context, method)
      const results = yield* evaluateMethod(context.experiment, held, "mean")
      yield* Console.log(tableOf(results.map((each) => resultOf(`${methods[method].name} + RL`, "none", each))))
    })
  )
).pipe(
  Command.withDescription(withPaths("Reinforce a method; trains it first if the run has not yet")),
  Command.provide((options) => deviceOf(options))
)

const stageArgument = Argument.String("stage").pipe(
  Argument.withDescription("Stage of the run: a method's name, or that with -rl"),
  Argument.withDefault("atp-latent-rl")
)

const ofRun = { stage: stageArgument, out: runFlags.out, device: deviceFlag, threads: threadsFlag }

const evaluation = Command.make(
  "eval",
  {
    ...ofRun,
    latents: Flag.Literals("latents", ["mean", "sampled"]).pipe(
      Flag.withDescription("Take latents at their mean, or sample them"),
      Flag.withDefault("mean" as const)
    ),
    search: Flag.Literals("search", Object.keys(searches) as ReadonlyArray<SearchName>).pipe(
      Flag.withDescription(
        "How several attempts with sampled latents become one answer; attempts are judged by their coherence"
      ),
      Flag.withDefault("single" as const)
    ),
    attempts: countFlag("attempts", 1, 1024).pipe(
      Flag.withDescription("Attempts at each question for a search"),
      Flag.withDefault(8)
    )
  },
  ({ attempts, latents, out, search, stage }) =>
    Effect.gen(function* () {
      const context = yield* reopened(out)
      const method = methodOfStage(stage)
      const held = yield* holdStage(context, stage, method)
      if (search !== "single") {
        yield* Console.log(`by ${search} of ${attempts} attempts:`)
        for (const each of yield* searchMethod(context.experiment, held, search, attempts))
          yield* Console.log(`${each.set}: ${accuracyText(each)}`)
        return
      }
      for (const each of yield* evaluateMethod(context.experiment, held, latents))
        yield* Console.log(
          [
            `${each.set}: ${accuracyText(each)}`,
            `${each.tokens.toFixed(1)} tokens`,
            ...Object.entries(each.watched).map(([name, mean]) => `${name} ${mean.toFixed(2)}`),
            `latents against steps ${each.adaptivity.toFixed(2)}`
          ].join("\n  ")
        )
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
  ({ out, question, stage }) =>
    Effect.gen(function* () {
      const context = yield* reopened(out)
      const method = methodOfStage(stage)
      const held = yield* holdStage(context, stage, method)
      const problem = yield* problemOf(context, question)
      const one = yield* generatorOf(context.experiment, held)
      const [rollout] = yield* one.run([problem], derive(context.experiment.key, "inspect"))
      yield* Console.log(portrait(rollout!, context.experiment.config.model.perStep))
    }).pipe(Effect.scoped, sentence)
).pipe(
  Command.withDescription("One question: latents, decoded steps, stop probabilities, answer"),
  Command.provide((options) => deviceOf(options))
)

const sample = Command.make(
  "sample",
  {
    ...ofRun,
    question: questionFlag,
    count: countFlag("count", 1, 1024).pipe(Flag.withDescription("How many attempts"), Flag.withDefault(5))
  },
  ({ count, out, question, stage }) =>
    Effect.gen(function* () {
      const context = yield* reopened(out)
      const method = methodOfStage(stage)
      const held = yield* holdStage(context, stage, method)
      const problem = yield* problemOf(context, question)
      const made = yield* generatorOf(context.experiment, held, "sampled")
      const rollouts = yield* made.run(
        Array.from({ length: count }, () => problem),
        derive(context.experiment.key, "sample")
      )
      for (const rollout of rollouts) yield* Console.log(portrait(rollout, context.experiment.config.model.perStep))
    }).pipe(Effect.scoped, sentence)
).pipe(
  Command.withDescription("Several attempts at one question, with sampled latents"),
  Command.provide((options) => deviceOf(options))
)

const exporting = Command.make(
  "export",
  {
    ...ofRun,
    to: folderFlag("to").pipe(
      Flag.withDescription("Folder to write model.safetensors, config.json and tokenizer.json to")
    )
  },
  ({ out, stage, to }) =>
    Effect.gen(function* () {
      const context = yield* reopened(out)
      const method = methodOfStage(stage)
      const held = yield* holdStage(context, stage, method)
      yield* saveModel(to, yield* finished(context, held))
      yield* Console.log(`${to} holds ${stage}`)
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
    device: deviceFlag,
    threads: threadsFlag
  },
  ({ folder, question }) =>
    Effect.gen(function* () {
      const problem: Problem = { question, steps: [], answer: "" }
      if (yield* isThere(`${folder}/run.json`)) {
        const context = yield* reopened(folder)
        const stage = yield* lastStageOf(context.folder)
        yield* Console.error(`${folder} holds a run; this is its stage ${stage} (inspect shows others)`)
        const method = methodOfStage(stage)
        const made = yield* generatorOf(context.experiment, yield* holdStage(context, stage, method))
        const [rollout] = yield* made.run([problem], derive(context.experiment.key, "inspect"))
        return yield* Console.log(portrait(rollout!, context.experiment.config.model.perStep))
      }
      const saved = yield* loadModel(folder)
      const { generator, perStep } = yield* generatorOfSaved(folder, saved)
      const [rollout] = yield* generator.run([problem], fromSeed(0))
      yield* Console.log(portrait(rollout!, perStep))
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
      const subject = yield* subjectOf(config, yield* testsOf(config, options.test))
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
    ["training", "reinforcement"],
    Effect.fnUntraced(function* (context) {
      const { report, table } = yield* demo(context)
      yield* Console.log(`\n${table}\n\nreport: ${report}`)
    })
  )
).pipe(
  Command.withDescription(
    withPaths("The main job: train SIM-CoT and ATP-Latent alike, reinforce, evaluate, write report.html")
  ),
  Command.provide((options) => deviceOf(options))
)

const noema = Command.make("noema").pipe(
  Command.withDescription("Latent reasoning methods, compiled to fast kernels"),
  Command.withSubcommands([
    train,
    rl,
    evaluation,
    inspect,
    sample,
    exporting,
    ask,
    data,
    devices,
    demoCommand,
    verify,
    branch
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

/** What a process ends with that was asked to end. */
const codes = { SIGINT: 130, SIGTERM: 143 } as const
let code: number = codes.SIGINT
// Listened to until the end: who asks twice does not cut short what the first time has begun.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => (code = codes[signal]))

NodeRuntime.runMain(
  Command.run(noema, { version }).pipe(
    // Devices are made before a command begins.
    Effect.catchTag("DeviceUnavailable", complain),
    Effect.provide(platform)
  ),
  {
    teardown: (exit, end) => Runtime.defaultTeardown(exit, (ended) => end(ended === codes.SIGINT ? code : ended))
  }
)
