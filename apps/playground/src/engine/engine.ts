/** The packages at work: models read and watched, questions asked with other latents. Knows nothing of pages or workers. */
import { Key, Model, Task } from "@noema/atp"
import { Device } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { learningAgainst } from "./against.ts"
import { walking } from "./graph.ts"
import { practising } from "./practice.ts"
import { Refusal } from "./refusal.ts"
import { isRefused, parseQuestion, values } from "../question.ts"
import type {
  Asking,
  Exchanged,
  FolderName,
  Forced,
  Kind,
  ModelName,
  Requests,
  Standing,
  StepSeen,
  Walk
} from "./protocol.ts"

/** The three files of a model. */
export interface Files {
  readonly config: string
  readonly tokenizer: string
  readonly weights: Uint8Array
}

/** Questions of a batch where many are asked. */
const batch = 100
const texts = 5
/** Milliseconds that it takes to measure how fast answers come. */
const measured = 500

/** What is answered, by what is asked for. */
export type Engine = {
  readonly [K in Kind]: (
    given: Requests[K]["given"]
  ) => Effect.Effect<Requests[K]["found"], { readonly message: string }>
}

/** All questions of one operation: of these few are held out. */
const shortest = Array.from({ length: values }, (_, a) => a).flatMap((a) =>
  ["+", "-"].flatMap((sign) =>
    Array.from({ length: values }, (_, b): Task.Problem => {
      const answer = (values + (sign === "+" ? a + b : a - b)) % values
      return { question: `${a} ${sign} ${b}`, steps: [], answer: `${answer}` }
    })
  )
)

const rootMeanSquare = (values: Float32Array | null): number =>
  values === null ? 0 : Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length)

const standingIn = (language: Task.StepLanguage, text: string, problem: Task.Problem): Standing => {
  if (language.read(text) === null) return "no step"
  if (language.goldSteps(problem).has(language.normalise(text))) return "of a chain"
  return language.holds(text, problem) ? "true" : "false"
}

/** An engine on a device, until the scope closes. `fetched` gives the files of a model. */
export const engine = Effect.fnUntraced(function* (
  fetched: (model: FolderName) => Effect.Effect<Files, { readonly message: string }>
): Effect.fn.Return<Engine, never, Device.Device | Scope.Scope> {
  const services = yield* Effect.context<Device.Device | Scope.Scope>()
  const { description } = yield* Device.Device
  const task = Task.arithmetic()
  const { language } = task
  const wanted = { context: 96, groupSymbols: 24, vocabulary: 100 }
  // Drawing questions takes longer than loading a model, and most pages never ask so many.
  const held = yield* Effect.cached(
    Effect.map(task.open({ ...wanted, train: 1, rl: 1, heldOut: 600 }, Key.fromSeed(0)), ({ tests }) =>
      tests.find(([name]) => name === "id")![1].filter(({ question }) => !question.includes(";"))
    )
  )

  const saved = new Map<ModelName, Model.Trained>()
  const model = Effect.fnUntraced(function* (name: ModelName) {
    const there = saved.get(name)
    if (there !== undefined) return there
    const read = yield* Effect.flatMap(fetched(name), (files) => Model.read(name, files))
    saved.set(name, { ...read, language })
    return { ...read, language }
  })
  const watchers = new Map<string, Model.Watcher>()
  const watcher = Effect.fnUntraced(function* (name: ModelName, questions: number) {
    const key = `${name} ${questions}`
    const there = watchers.get(key)
    if (there !== undefined) return there
    const made = yield* Effect.provide(
      Model.watcher(yield* model(name), { questions, texts, attention: questions === 1 }),
      services
    )
    watchers.set(key, made)
    return made
  })

  const standingOf = (text: string, problem: Task.Problem) => standingIn(language, text, problem)

  const problemOf = (typed: string) => {
    const question = parseQuestion(typed)
    return isRefused(question)
      ? Effect.fail(new Refusal(question.refused))
      : Effect.succeed({ question: question.text, steps: [], answer: question.expected } satisfies Task.Problem)
  }

  const asked = Effect.fnUntraced(function* ({ instead, model: name, question, steps }: Asking) {
    const problem = yield* problemOf(question)
    const { phrase, watch } = yield* watcher(name, 1)
    const [seen] = yield* watch([{ problem, instead, ...(steps === null ? {} : { steps }) }])
    const { answer, answers, attention, latents, shown, stopChances } = seen!
    const said = phrase === null ? latents.map(() => []) : yield* phrase(shown)
    const walk: Walk = {
      question: problem.question,
      expected: problem.answer,
      steps: latents.map(({ deviation, values: numbers }, t): StepSeen => ({
        phrases: said[t]!.map((each) => ({ ...each, standing: standingOf(each.text, problem) })),
        sigma: rootMeanSquare(deviation),
        stop: stopChances[t] ?? null,
        values: numbers
      })),
      stopped: steps === null ? (stopChances[latents.length] ?? null) : null,
      answer,
      answers: answers.filter(({ text }) => /^\d$/.test(text)),
      attention,
      solves: language.solves(
        problem,
        said.map(([likeliest]) => likeliest?.text ?? "")
      )
    }
    return walk
  })

  const questionsOf = (operations: number): Effect.Effect<ReadonlyArray<Task.Problem>> =>
    operations === 1
      ? Effect.succeed(shortest)
      : Effect.map(held, (problems) => problems.filter(({ steps }) => steps.length === operations))

  const centres = Effect.fnUntraced(function* ({ model: name, place }: Requests["centres"]["given"]) {
    const { watch } = yield* watcher(name, batch)
    const problems = (yield* questionsOf(place + 1)).slice(0, 3 * batch)
    const seen = yield* watch(problems.map((problem) => ({ problem, steps: place + 1 })))
    const width = seen[0]!.latents[place]!.values.length
    const sums = Array.from({ length: values }, () => ({ count: 0, sum: new Float32Array(width) }))
    for (const [i, { latents }] of seen.entries()) {
      const of = sums[Number(problems[i]!.answer)]!
      of.count++
      latents[place]!.values.forEach((x, j) => (of.sum[j]! += x))
    }
    return {
      centres: sums.map(({ count, sum }) => sum.map((x) => x / Math.max(1, count))),
      questions: problems.length
    }
  })

  const practised = practising({ model, problemOf, standingOf, services })

  const learnt = learningAgainst({
    model,
    services,
    // The chains that the models were trained on, and questions that they were not.
    taught: yield* Effect.cached(
      Effect.gen(function* () {
        const { rl, train } = yield* task.open({ ...wanted, train: 3000, rl: 2000, heldOut: 1 }, Key.fromSeed(0))
        return { train, rl, held: (yield* held).slice(0, 3 * batch) }
      })
    )
  })

  const graphs = yield* walking({ fetched: fetched("walk"), standingOf: standingIn, services })

  // More of the package than anything else here needs.
  const nothing = yield* Effect.cached(
    Effect.map(
      Effect.tryPromise({
        try: () => import("./nothing.ts"),
        catch: () => new Refusal("What trains from nothing did not load. Check the connection and try again.")
      }),
      ({ training }) => training(services)
    )
  )

  const exchanged = Effect.fnUntraced(function* ({ model: name, pairs }: Requests["exchange"]["given"]) {
    const { watch } = yield* watcher(name, batch)
    const problems = (yield* held).slice(0, 3 * pairs)
    const seen = yield* watch(problems.map((problem) => ({ problem })))
    const found: Array<readonly [own: number, donor: number]> = []
    for (let own = 0; own < seen.length && found.length < pairs; own++) {
      const { answer, latents } = seen[own]!
      const donor = seen.findIndex(
        (each, other) => other > own && each.latents.length === latents.length && each.answer !== answer
      )
      if (latents.length > 0 && donor >= 0) found.push([own, donor])
    }
    const after = yield* watch(
      found.map(([own, donor]) => ({
        problem: problems[own]!,
        instead: seen[donor]!.latents.map(({ values }) => values),
        steps: seen[donor]!.latents.length
      }))
    )
    const count = (is: (answer: string | null, own: string | null, donor: string | null) => boolean) =>
      after.filter(({ answer }, i) => is(answer, seen[found[i]![0]]!.answer, seen[found[i]![1]]!.answer)).length
    return {
      own: count((answer, own) => answer === own),
      donor: count((answer, _, donor) => answer === donor),
      neither: count((answer, own, donor) => answer !== own && answer !== donor),
      of: found.length
    } satisfies Exchanged
  })

  const forced = Effect.fnUntraced(function* ({ model: name, questions }: Requests["force"]["given"]) {
    const { watch } = yield* watcher(name, batch)
    const most = (yield* model(name)).use?.maxSteps ?? 0
    const all: Array<Forced> = []
    for (const operations of [1, 2, 3]) {
      const own = (yield* questionsOf(operations)).slice(0, questions)
      const right = (steps?: number) =>
        Effect.map(
          watch(own.map((problem) => ({ problem, ...(steps === undefined ? {} : { steps }) }))),
          (seen) => seen.filter(({ answer }, i) => answer === own[i]!.answer).length / own.length
        )
      const accuracy: Array<number> = []
      for (let steps = 0; steps <= most; steps++) accuracy.push(yield* right(steps))
      all.push({ operations, questions: own.length, accuracy, free: yield* right() })
    }
    return all
  })

  return {
    ...practised,
    ...learnt,
    ...graphs,
    train: (given) => Effect.flatMap(nothing, ({ train }) => train(given)),
    discard: () => Effect.flatMap(nothing, ({ discard }) => discard()),
    load: ({ model: name }) =>
      Effect.as(watcher(name, 1), { device: description, threads: !description.includes("no SharedArrayBuffer") }),
    ask: Effect.fnUntraced(function* (given) {
      const begun = performance.now()
      const walk = yield* asked(given)
      return { walk, ms: performance.now() - begun }
    }),
    pace: Effect.fnUntraced(function* ({ model: name }) {
      const { watch } = yield* watcher(name, 1)
      const asked = [{ problem: shortest[0]! }]
      // The first answer waits for programs to be compiled.
      yield* watch(asked)
      const begun = performance.now()
      let answers = 0
      while (performance.now() - begun < measured) {
        yield* watch(asked)
        answers++
      }
      return { perSecond: (1000 * answers) / (performance.now() - begun) }
    }),
    counterfactual: Effect.fnUntraced(function* ({ instead, question, steps }) {
      const problem = yield* problemOf(question)
      const result = language.read(instead)?.result
      return { answer: result === undefined ? null : language.counterfactual!(problem, steps, result) }
    }),
    centres,
    exchange: exchanged,
    force: forced
  }
})
