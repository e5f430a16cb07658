/** A small ATP-Latent, trained and asked on whatever device there is. */
import { Methods, Model, Pipeline, Task } from "@noema/atp"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"

/** Trains with so many updates of warm start, as many for each of two stages, and twice as many at the end; `tell` hears of each. */
export const trained = Effect.fnUntraced(function* (
  warmStart: number,
  tell: (share: number, phase: string, loss: number) => void
) {
  const run = Pipeline.pipeline({
    task: Task.arithmetic({ values: 5, steps: 2, distractors: 0 }),
    method: Methods.atpLatent,
    model: { width: 32, layers: 2, heads: 2, kvHeads: 2, hidden: 64 },
    supervised: { problems: 1000, batch: 32, warmStart, perStage: warmStart, final: 2 * warmStart, learningRate: 3e-3 },
    evaluate: 100
  }).pipe(Pipeline.supervise(), Pipeline.evaluate({ sets: ["id"] }))
  const updates = 5 * warmStart
  let made = 0
  const { evaluations, model } = yield* run
    .run({
      listen: (_, { figures, phase }) =>
        // The page paints between updates.
        Effect.andThen(
          Effect.sync(() => tell(++made / updates, phase, figures["total"]!)),
          Effect.sleep(0)
        )
    })
    // Nothing is kept, so there are no files.
    .pipe(Effect.provideService(FileSystem.FileSystem, FileSystem.makeNoop({})))
  const [{ accuracy, rollouts }] = evaluations as [Pipeline.Evaluated]
  return {
    accuracy,
    example: rollouts.find(({ problem }) => problem.steps.length === 2)!.problem.question,
    /** What the model thinks and answers; fails where the question is not in its words. */
    ask: (question: string) =>
      Effect.map(Model.ask(model, question), ({ answer, latents, steps: thought, stopChances }) => {
        const steps = thought.map((step, i) => `${i + 1}. ${step}   (stop ${stopChances[i]!.toFixed(2)})`)
        return [`${latents.count} latents, which spell`, ...steps, `answer ${answer ?? "none"}`].join("\n")
      })
  }
})
