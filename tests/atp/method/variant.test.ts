/** Methods that differ from another in single fields, and layouts with groups beyond the longest chain. */
import {
  Experiment,
  Held,
  Key,
  Layout,
  Method,
  Methods,
  Objective,
  Part,
  Policy,
  Rollout,
  Stop,
  Tokenizer
} from "../inside.ts"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { expect, test } from "vitest"
import { lively, onReference, small } from "../small.ts"

const experiment = small()
const { budget, config, subject } = experiment

const bare = Method.method({
  name: "bare",
  summary: "a method for variants",
  backbone: Part.llama,
  parts: { latent: Part.latentHead() },
  policy: ({ latent }) => Policy.gaussian(latent),
  stop: () => Stop.fixedCount,
  layout: Layout.stages(),
  objective: [Objective.text(1)]
})

test("a variant is as the method it is of, but for what it says", () => {
  const more = Method.variant(bare, {
    name: "more",
    summary: "with a stop of its own",
    parts: { stop: Part.stopHead() },
    stop: ({ stop }) => Stop.learned(stop),
    objective: [Objective.text(2), Objective.stopping(1)]
  })
  expect(more.partNames).toEqual(["latent", "stop"])
  expect(more.terms).toEqual([
    { name: "text", weight: 2 },
    { name: "stop", weight: 1 }
  ])
  expect(more.layout).toBe(bare.layout)
  expect(bare.partNames).toEqual(["latent"])
  const [one, other] = [bare, more].map((each) => Experiment.firstParameters(experiment, each))
  expect(other!["latent"]).toEqual(one!["latent"])
})

test("a variant of a variant keeps what both say", () => {
  const first = Method.variant(bare, { name: "first", summary: "heavier", objective: [Objective.text(3)] })
  const second = Method.variant(first, {
    name: "second",
    summary: "longer",
    layout: Layout.stages({ extra: 2 })
  })
  expect(second.terms).toEqual(first.terms)
  expect(second.layout.extra).toBe(2)
})

const chain = fc.array(fc.constantFrom(...subject.train.flatMap(({ steps }) => steps)), { minLength: 1, maxLength: 5 })

test("with an extra group every chain has a spare one, which says what spare groups say, and its stop is to fire there", () => {
  fc.assert(
    fc.property(
      chain,
      fc.integer({ min: 1, max: 4 }),
      fc.nat(2),
      fc.constantFrom("nothing" as const, "answer" as const),
      (steps, maxSteps, extra, spare) => {
        const problem = { ...subject.train[0]!, steps }
        const phases = Layout.stages({ extra, spare }).phases({ ...budget, maxSteps })
        for (const phase of phases.slice(-2)) {
          const { groups, needed, results, tail } = Layout.pack(subject.tokenizer, problem, phase, {
            context: 96,
            maxSteps,
            spare,
            language: subject.language
          })
          const said = groups.map((group) => subject.tokenizer.decode(group.slice(0, -1)))
          expect(groups).toHaveLength(maxSteps + extra)
          expect(needed).toBe(Math.min(steps.length, maxSteps))
          expect(said.slice(0, needed).join(" ")).toBe(steps.join(" "))
          expect(said.slice(needed)).toEqual(
            Array.from({ length: groups.length - needed }, () => (spare === "answer" ? problem.answer : ""))
          )
          expect(results.slice(needed).every((symbol) => symbol === Tokenizer.special("<pad>"))).toBe(true)
          // What a group says is not also left as text, whatever there is beyond.
          expect(subject.tokenizer.decode(tail)).toBe(
            [...(phase.text === "none" ? [] : steps.slice(maxSteps)), problem.answer].join(" ")
          )
        }
      }
    )
  )
})

test("who always takes all groups takes those beyond the longest chain as well; who stops has stopped by then", async () => {
  const asked = subject.train.slice(0, 6)
  const latents = (method: Method.Method) =>
    onReference(
      Effect.gen(function* () {
        const held = yield* Held.hold(method, experiment.sizes, lively(experiment, method))
        const made = yield* Rollout.generator(held, Experiment.wordingOf(experiment, method), {
          latents: "mean",
          stops: "sampled",
          answers: "greedy",
          questions: asked.length
        })
        return (yield* made.run(asked, Key.fromSeed(1))).map(({ latents }) => latents.count)
      })
    )
  const { perStep } = config.model
  const methods = Methods.methods
  const longest = budget.maxSteps * perStep
  expect(await latents(methods["sim-cot-extra"])).toEqual(asked.map(() => longest + perStep))
  expect(await latents(methods["sim-cot"])).toEqual(asked.map(() => longest))
  expect(Math.max(...(await latents(methods["atp-latent-released"])))).toBeLessThanOrEqual(longest)
})
