/** A small model trained from nothing, so many updates at a time; between them it rests. Loaded where somebody trains one. */
import { Evaluate, Methods, Pipeline, Task } from "@noema/atp"
import type { Device } from "@noema/tensor"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import type { Learnt, Requests } from "./protocol.ts"

const updates = 300
const task = Task.arithmetic({ values: 5, steps: 2, distractors: 0 })
const pipeline = Pipeline.pipeline({
  task,
  method: Methods.atpLatentGrounded,
  model: { width: 32, layers: 2, heads: 2, kvHeads: 2, hidden: 64 },
  supervised: {
    problems: 1000,
    batch: 32,
    warmStart: updates,
    perStage: updates,
    final: 2 * updates,
    learningRate: 3e-3
  },
  evaluate: 200
}).pipe(Pipeline.supervise(), Pipeline.evaluate({ sets: ["id"] }))
const all = 5 * updates
const shown = 4

type Running = ReturnType<typeof pipeline.run>

interface Run {
  readonly fiber: Fiber.Fiber<Effect.Success<Running>, Effect.Error<Running>>
  /** One for each update that was made, and one for each further update that may be. */
  readonly made: Queue.Queue<Learnt>
  readonly allowed: Queue.Queue<null>
}

/** What is answered where a model is trained. */
export const training = (services: Context.Context<Device.Device | Scope.Scope>) => {
  let run: Run | null = null
  let count = 0

  const begin = Effect.gen(function* () {
    const made = yield* Queue.unbounded<Learnt>()
    const allowed = yield* Queue.unbounded<null>()
    const running = pipeline.run({
      // Updates are not given up half-way; what waits between two may be.
      listen: (_, { figures, phase }) =>
        Effect.andThen(Queue.offer(made, { loss: figures["total"]!, phase }), Effect.interruptible(Queue.take(allowed)))
    })
    // Nothing is kept, so there are no files.
    const fiber = yield* running.pipe(
      Effect.provideService(FileSystem.FileSystem, FileSystem.makeNoop({})),
      Effect.provide(services),
      Effect.forkIn(yield* Effect.provide(Scope.Scope, services))
    )
    count = 0
    return (run = { fiber, made, allowed })
  })

  return {
    train: Effect.fnUntraced(
      function* ({ updates }: Requests["train"]["given"]) {
        const { allowed, fiber, made } = run ?? (yield* begin)
        const learnt: Array<Learnt> = []
        while (learnt.length < updates && count < all) {
          // The first update needs nobody's leave.
          if (count > 0) yield* Queue.offer(allowed, null)
          learnt.push(yield* Effect.raceFirst(Queue.take(made), Effect.andThen(Fiber.join(fiber), Effect.never)))
          count++
        }
        if (count < all) return { learnt, of: all, outcome: null }
        yield* Queue.offer(allowed, null)
        const [found] = (yield* Fiber.join(fiber)).evaluations
        const { accuracy, chance, problems, rollouts } = found!
        const [low, high] = Evaluate.wilson(Math.round(accuracy * problems), problems)
        return {
          learnt,
          of: all,
          outcome: {
            accuracy: { mean: accuracy, low, high },
            questions: problems,
            chance,
            examples: rollouts.slice(0, shown).map(({ answer, problem, steps }) => ({
              question: problem.question,
              steps,
              answer,
              expected: problem.answer
            }))
          }
        }
      },
      Effect.tapError(() => Effect.sync(() => (run = null)))
    ),
    discard: Effect.fnUntraced(function* () {
      if (run !== null) yield* Fiber.interrupt(run.fiber)
      run = null
      return null
    })
  }
}
