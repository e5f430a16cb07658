/** The main job: baselines and ATP-Latent with the same budget, three ways on from there, and the report. */
import { Device } from "@noema/tensor"
import * as Effect from "effect/Effect"
import { passCurve } from "../evaluate/evaluate.ts"
import { latentUse } from "../evaluate/metrics.ts"
import { updatesAfterWarmStart } from "../layout/layout.ts"
import { hold } from "../method/held.ts"
import { atpLatent } from "../methods/atpLatent.ts"
import { cot } from "../methods/cot.ts"
import { noCot } from "../methods/noCot.ts"
import { simCot } from "../methods/simCot.ts"
import { greedy } from "../pipeline/execute.ts"
import { type Evaluated, resultOf } from "../pipeline/outcome.ts"
import {
  branch,
  evaluate,
  extend,
  type Pipeline,
  reinforce,
  type Step,
  supervise,
  withMethod
} from "../pipeline/pipeline.ts"
import { factsOf, type Summarise } from "../pipeline/run.ts"
import { derive } from "../random/key.ts"
import { ofTraining } from "../report/curves.ts"
import { type Sample, Summary } from "../report/summary.ts"
import { recipe } from "../rewards/recipes.ts"
import { type GenerateError, generator } from "../rollout/generate.ts"
import type { RunConfig } from "../train/config.ts"
import { wordingOf } from "../train/experiment.ts"
import { overridesOf } from "../train/overrides.ts"
import { reinforcementOf, updatesWorth } from "../train/stages.ts"
import { countOf } from "../weights/tree.ts"
import { judgedBy, watched } from "./run.ts"

const judged = evaluate({ watch: judgedBy })
/** Latents that are drawn are judged at their mean and sampled. */
const judgedTwice = evaluate({ watch: judgedBy, latents: ["mean", "sampled"] })

/** A method trained and judged. */
const baseline =
  (method: typeof cot): Step =>
  (pipeline) =>
    pipeline.pipe(withMethod(method), supervise(), judged)

/** The stages of the demo. */
export const demoStages =
  ({ reinforcement: { coherence, controls, weights } }: RunConfig): Step =>
  <E, R>(pipeline: Pipeline<E, R>) =>
    pipeline.pipe(
      branch({ cot: baseline(cot), "no-cot": baseline(noCot), "sim-cot": baseline(simCot) }),
      supervise(),
      judgedTwice,
      branch({
        more: (way) => way.pipe(extend(), judgedTwice),
        ...Object.fromEntries(
          controls.map((name) => [
            name,
            (way: Pipeline) =>
              way.pipe(reinforce({ reward: recipe(name, coherence, weights), watch: watched }), judgedTwice)
          ])
        ),
        rl: (way) => way.pipe(reinforce({ watch: watched }), judgedTwice)
      })
    )

/** The names of stages as the report has them. */
const titleOf = ({ method, stage }: Evaluated): string => {
  const way = /^atp-latent-(.+)$/.exec(stage)?.[1]
  if (way === undefined) return method.name
  return `${method.name} + ${way === "rl" ? "RL" : way === "more" ? "more supervised" : `${way} reward`}`
}

const shownSamples = 8

/** What the report of the demo says. `begun` is when the process began, in milliseconds. */
export const summarise =
  (begun: number): Summarise<GenerateError, Device.Device> =>
  (experiment, { evaluations, models }, metrics) =>
    Effect.gen(function* () {
      const { budget, config, key, sizes, subject } = experiment
      const device = yield* Device.Device
      const of = (stage: string) => evaluations.find((each) => each.stage === stage && each.taken === "mean")
      const asked = (subject.tests[0]?.[1] ?? []).slice(0, 40)
      const passes = yield* Effect.forEach(
        [
          ["supervised", models["atp-latent"]!],
          ["reinforced", models["atp-latent-rl"]!]
        ] as const,
        Effect.fnUntraced(function* ([name, { method, parameters }]) {
          const held = yield* hold(method, sizes, parameters)
          const sampler = yield* generator(held, wordingOf(experiment, method), {
            ...greedy(Math.min(100, config.evaluate)),
            latents: "sampled",
            texts: "none",
            policy: ({ explore, policy }) => explore ?? policy,
            exploration: reinforcementOf(experiment, atpLatent)!.exploration
          })
          return { name, points: yield* passCurve(sampler, asked, config.attempts, derive(key, "pass", name)) }
        }, Effect.scoped)
      )
      const start = models["atp-latent"]!.parameters
      const { questions, group, rounds } = config.reinforcement
      const before = of("atp-latent")?.rollouts ?? []
      const after = of("atp-latent-rl")?.rollouts ?? []
      const samples = before.slice(0, shownSamples).map((first, i): Sample => {
        const later = after[i]!
        return {
          question: first.problem.question,
          expected: first.problem.answer,
          gold: first.problem.steps,
          before: { steps: first.steps, answer: first.answer },
          after: { steps: later.steps, answer: later.answer }
        }
      })
      const reinforced = evaluations.filter(({ stage, taken }) => stage === "atp-latent-rl" && taken === "mean")
      return new Summary({
        ...ofTraining(`ATP-Latent on ${subject.name}`, metrics),
        facts: [
          ...factsOf(experiment),
          ["parameters", `${countOf(start)}`],
          [
            "supervised updates",
            `${budget.warmStart} on written chains, then ${updatesAfterWarmStart(budget)} for each method`
          ],
          ["more supervised updates", `${updatesWorth(experiment, atpLatent, start)}, as much work as reinforcement`],
          ["rounds of reinforcement", `${rounds} of ${questions} questions, ${group} attempts each`],
          ["device", device.description],
          ["time", `${((performance.now() - begun) / 1000).toFixed(0)} s since the last start`],
          ["reward of reinforcement", config.reinforcement.reward],
          ...overridesOf(atpLatent.reinforcement!, reinforcementOf(experiment, atpLatent)!).map(
            (override) => ["not as the method says", override] as const
          )
        ],
        results: evaluations.map((each) =>
          resultOf(
            titleOf(each),
            each.method.layout.thinks && each.method.partNames.includes("latent") ? each.taken : "none",
            each
          )
        ),
        // Benchmarks that give answers alone do not say how many steps there are.
        latentUse: latentUse(
          reinforced.flatMap(({ rollouts }) => rollouts).filter(({ problem }) => problem.steps.length > 0)
        ),
        passAtK: passes,
        samples
      })
    })
