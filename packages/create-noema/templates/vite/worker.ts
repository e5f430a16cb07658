/** Trains the pipeline off the main thread, so that the page stays alive, and answers questions. */
import { Model, type Pipeline } from "@noema/atp"
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as ManagedRuntime from "effect/ManagedRuntime"
import run from "./pipeline.ts"

/** What the page is told. */
export type Told =
  | { readonly kind: "progress"; readonly share: number; readonly said: string }
  | { readonly kind: "trained"; readonly accuracy: number; readonly example: string }
  | { readonly kind: "answer"; readonly steps: ReadonlyArray<string>; readonly answer: string }
  | { readonly kind: "failed"; readonly reason: string }

const tell = (told: Told): void => self.postMessage(told)
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
const runtime = ManagedRuntime.make(Wasm.layer())

const made = new Map<string, number>()
let all = 1
const listening: Pipeline.Listening = {
  planned: (stages) =>
    Effect.sync(() => {
      all = stages.reduce((sum, { reports }) => sum + reports, 0)
    }),
  listen: (stage, { figures, update }) =>
    Effect.sync(() => {
      made.set(stage, update)
      const share = [...made.values()].reduce((sum, reports) => sum + reports, 0) / all
      const figure = figures["reward"] ?? figures["total"] ?? 0
      tell({
        kind: "progress",
        share,
        said: `${stage}: ${"reward" in figures ? "reward" : "loss"} ${figure.toFixed(2)}`
      })
    })
}

const training = run
  .run(listening)
  // Nothing is kept, so there are no files.
  .pipe(Effect.provideService(FileSystem.FileSystem, FileSystem.makeNoop({})))

try {
  const { evaluations, model } = await runtime.runPromise(training)
  const last = evaluations.at(-1)!
  tell({ kind: "trained", accuracy: last.accuracy, example: last.rollouts[0]!.problem.question })
  self.addEventListener("message", ({ data }: MessageEvent<string>) => {
    runtime.runPromise(Model.ask(model, data)).then(
      ({ answer, steps }) => tell({ kind: "answer", steps, answer: answer ?? "none" }),
      (error: unknown) => tell({ kind: "failed", reason: reasonOf(error) })
    )
  })
} catch (error) {
  tell({ kind: "failed", reason: reasonOf(error) })
}
