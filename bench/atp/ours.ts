/** ATP-Latent as a measured process: workers by `BENCH_THREADS`. */
import { Held, Key, Recipes, Reinforcement, Rollout, Supervised } from "./inside.ts"
import { Device, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { AtpCase } from "../harness/cases.ts"
import { Refused, serve } from "../harness/serve.ts"
import { options } from "./hand-over.ts"
import { method, subject } from "./subject.ts"

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
const stepOf = Effect.fnUntraced(function* ({
  rows = 1,
  what
}: AtpCase): Effect.fn.Return<Effect.Effect<void, unknown>, unknown, Device.Device | Scope.Scope> {
  const from = yield* subject
  const { experiment, first, reinforced, supervised, term, wording } = from
  const { group, minibatch, questions } = experiment.config.reinforcement
  if (what === "update") {
    const held = yield* Held.hold(method, experiment.sizes, first, supervised)
    return Effect.asVoid(yield* Stream.toPull(Supervised.supervised(held, options(from, endless))))
  }
  if (what === "round") {
    const held = yield* Held.hold(method, experiment.sizes, first, reinforced, { frozen: ["steps"] })
    const rounds = Reinforcement.reinforcement(held, {
      wording,
      reinforcement: { ...method.reinforcement!, term },
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
  const held = yield* Held.hold(method, experiment.sizes, first)
  const sampler = yield* Rollout.generator(held, wording, {
    latents: "sampled",
    stops: "likely",
    answers: "greedy",
    questions: rows
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
