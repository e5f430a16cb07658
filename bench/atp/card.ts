/** How long a causal card takes at the default size, with everything on it: probes are fitted, and programs compiled. */
import { Config, Experiment, Held, Judge, Key, Methods, Subject } from "./inside.ts"
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type { Row } from "../harness/module.ts"

/** Milliseconds and questions of a card, on a device of its own. */
const cardTime = (questions: number) =>
  Effect.gen(function* () {
    const config = yield* Config.decodeConfig({ evaluate: questions })
    const key = Key.fromSeed(config.seed)
    const experiment = Experiment.experiment(config, Subject.generated(config, key), key)
    const method = Methods.methods["atp-latent"]
    const held = yield* Held.hold(method, experiment.sizes, Experiment.firstParameters(experiment, method))
    const before = performance.now()
    const [evaluated] = yield* Judge.evaluateHeld<never, never>(experiment, held, "card", { card: true, sets: ["id"] })
    return { ms: performance.now() - before, questions: evaluated?.problems ?? 0 }
  }).pipe(Effect.scoped, Effect.provide(Wasm.layer({ threads: 2 })))

/** The row of the card, on two threads. */
export const cardRow = async (quick: boolean): Promise<Row> => {
  const taken = []
  for (let i = 0; i < (quick ? 1 : 3); i++) taken.push(await Effect.runPromise(cardTime(quick ? 100 : 1000)))
  const best = taken.reduce((best, each) => (each.ms < best.ms ? each : best))
  return {
    what: `evaluation with its causal card, ${best.questions} questions, with tracing and compiling`,
    who: "noema, 2 threads",
    ms: best.ms.toFixed(0)
  }
}
