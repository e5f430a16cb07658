/** ATP-Latent as a measured process: workers by `BENCH_THREADS`. */
import { Generate, Key, Recipes, Reinforcement, Supervised, TrainState } from "@noema/atp"
import { Device, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { AtpCase } from "../harness/cases.ts"
import { Refused, serve } from "../harness/serve.ts"
import { options } from "./hand-over.ts"
import { subject } from "./subject.ts"

const threads = Number(process.env["BENCH_THREADS"] ?? 1)
const runtime = ManagedRuntime.make(Wasm.layer({ threads, engineFlags: true }))
const device = await runtime.runPromise(
  Effect.gen(function* () {
    return yield* Device.Device
  })
)

/** More than will ever be asked for. */
const endless = 1e9

/** One element of what is timed at each call. */
const stepOf = Effect.fnUntraced(function* ({ rows = 1, what }: AtpCase) {
  const from = yield* subject
  const { experiment, model, reinforced, supervised, term, trained } = from
  const { group, minibatch, questions } = experiment.config.reinforcement
  if (what === "update") {
    const held = yield* TrainState.holdModel(model, supervised)
    return Effect.asVoid(yield* Stream.toPull(Supervised.supervised(held, options(from, endless))))
  }
  if (what === "round") {
    const held = yield* TrainState.holdModel(model, reinforced, ["decoder"])
    const rounds = Reinforcement.reinforcement(held, {
      trained,
      term,
      problems: experiment.subject.rl,
      reward: Recipes.recipe("full"),
      rounds: endless,
      questions,
      group,
      minibatch,
      key: experiment.key
    })
    return Effect.asVoid(yield* Stream.toPull(rounds))
  }
  const held = yield* TrainState.holdModel(model, supervised)
  const sampler = yield* Generate.generator(held.state, held.specs, trained, {
    latents: "sampled",
    stops: "likely",
    answers: "greedy",
    batch: rows,
    speak: false
  })
  const asked = Array.from({ length: rows }, (_, i) => experiment.subject.rl[i % questions]!)
  return Effect.asVoid(sampler.run(asked, Key.derive(experiment.key, "generate")))
})

await serve(`noema ${device.description}`, async (c) => {
  if (c.kind !== "atp") throw new Refused(`not a step of ATP-Latent: ${c.kind}`)
  const scope = Scope.makeUnsafe()
  const step = await runtime.runPromise(Scope.provide(stepOf(c), scope))
  const once = Scope.provide(step, scope) as Effect.Effect<void, never, never>
  await runtime.runPromise(once)
  return {
    run: () => runtime.runPromise(once),
    meanAbs: 0,
    dispose: () => void runtime.runPromise(Scope.close(scope, Exit.void))
  }
})
