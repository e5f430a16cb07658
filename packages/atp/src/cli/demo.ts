/** The main job: baselines and ATP-Latent with the same budget, ways on from there, and the report. */
import { Device } from "@noema/tensor"
import * as Effect from "effect/Effect"
import { evaluationSets } from "../data/task.ts"
import { latentUse } from "../evaluate/metrics.ts"
import { updatesAfterWarmStart } from "../layout/layout.ts"
import type { Method } from "../method/method.ts"
import { atpLatent } from "../methods/atpLatent.ts"
import { atpLatentGrounded } from "../methods/atpLatentGrounded.ts"
import { atpLatentReleased } from "../methods/atpLatentReleased.ts"
import { cot } from "../methods/cot.ts"
import { noCot } from "../methods/noCot.ts"
import { slugOf } from "../methods/registry.ts"
import { simCot } from "../methods/simCot.ts"
import { simCotExtra } from "../methods/simCotExtra.ts"
import { type Evaluated, passLine, resultOf } from "../pipeline/outcome.ts"
import {
  answers,
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
import { ofTraining } from "../report/curves.ts"
import { findingOf } from "../report/findings.ts"
import { type Sample, Summary } from "../report/summary.ts"
import { recipe } from "../rewards/recipes.ts"
import type { RunConfig } from "../train/config.ts"
import { overridesOf } from "../train/overrides.ts"
import { reinforcementOf, updatesWorth } from "../train/stages.ts"
import { countOf } from "../weights/tree.ts"
import { judgedBy, watched } from "./run.ts"

/** The set that models are compared on; of data files there are several, and none is. */
const mainSet = ({ data, heldOut }: RunConfig): string | null =>
  data !== undefined ? null : heldOut === "validation" ? "validation" : "id"

/** A model judged on all sets, and with other latents on the main one; and with latents that are sampled, if they can be. */
const judged =
  (config: RunConfig, isSampled = false): Step =>
  (pipeline) => {
    const main = mainSet(config)
    if (main === null)
      return pipeline.pipe(
        evaluate({ watch: judgedBy, latents: isSampled ? ["mean", "sampled"] : "mean", passes: isSampled })
      )
    const others = config.heldOut === "validation" ? [] : evaluationSets.filter((set) => set !== main)
    const once = pipeline.pipe(evaluate({ watch: judgedBy, sets: [main], card: true, passes: isSampled }))
    const both = isSampled ? once.pipe(evaluate({ watch: judgedBy, sets: [main], latents: "sampled" })) : once
    return others.length === 0 ? both : both.pipe(evaluate({ watch: judgedBy, sets: others }))
  }

const baselines = { cot, "no-cot": noCot, "sim-cot": simCot, "sim-cot-extra": simCotExtra } as const

/** The stages of the demo. */
export const demoStages =
  (config: RunConfig): Step =>
  <E, R>(pipeline: Pipeline<E, R>) => {
    const { coherence, controls, weights } = config.reinforcement
    const trained =
      (method: Method): Step =>
      (way) =>
        way.pipe(withMethod(method), supervise(), judged(config))
    // Grounding asks for steps that come to a single symbol, which those of data files may not.
    const forms =
      config.data === undefined
        ? { "atp-latent-released": atpLatentReleased, "atp-latent-grounded": atpLatentGrounded }
        : {}
    const others = Object.entries<Method>({ ...baselines, ...forms })
    return pipeline.pipe(
      branch(Object.fromEntries(others.map(([name, method]) => [name, trained(method)]))),
      withMethod(atpLatent),
      supervise(),
      judged(config, true),
      branch({
        more: (way) => way.pipe(extend(), judged(config)),
        answers: (way) => way.pipe(answers(), judged(config)),
        ...Object.fromEntries(
          controls.map((name) => [
            name,
            (way: Pipeline) =>
              way.pipe(reinforce({ reward: recipe(name, coherence, weights), watch: watched }), judged(config))
          ])
        ),
        rl: (way) => way.pipe(reinforce({ watch: watched }), judged(config, true))
      })
    )
  }

const wayTitles: Readonly<Record<string, string>> = {
  rl: "+ RL",
  more: "+ more supervised",
  answers: "+ right answers supervised"
}

/** The names of stages as the report has them. */
const titleOf = ({ method, stage }: Pick<Evaluated, "method" | "stage">): string => {
  const main = slugOf(atpLatent)
  if (method !== atpLatent || stage === main) return method.name
  const way = stage.slice(main.length + 1)
  return wayTitles[way] ?? `+ ${way} reward`
}

const shownSamples = 8

/** What the report of the demo says. `begun` is when the process began, in milliseconds. */
export const summarise =
  (begun: number): Summarise<never, Device.Device> =>
  (experiment, { evaluations, models, passes }, metrics) =>
    Effect.gen(function* () {
      const { budget, config, subject } = experiment
      const method = atpLatent
      const main = slugOf(method)
      const device = yield* Device.Device
      const of = (stage: string) => evaluations.find((each) => each.stage === stage && each.taken === "mean")
      const start = models[main]!.parameters
      const { questions, group, rounds } = config.reinforcement
      const before = of(main)?.rollouts ?? []
      const after = of(`${main}-rl`)?.rollouts ?? []
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
      const reinforced = evaluations.filter(({ stage, taken }) => stage === `${main}-rl` && taken === "mean")
      const results = evaluations.map((each) =>
        resultOf(
          titleOf(each),
          each.method.layout.thinks && each.method.partNames.includes("latent") ? each.taken : "none",
          each
        )
      )
      const finding = findingOf(results, method.name)
      return new Summary({
        ...ofTraining(`${method.name} on ${subject.name}`, metrics),
        facts: [
          ...factsOf(experiment),
          ["parameters", `${countOf(start)}`],
          [
            "supervised updates",
            `${budget.warmStart} on written chains, then ${updatesAfterWarmStart(budget)} for each method`
          ],
          ["more supervised updates", `${updatesWorth(experiment, method, start)}, as much work as reinforcement`],
          ["rounds of reinforcement", `${rounds} of ${questions} questions, ${group} attempts each`],
          ["device", device.description],
          ["time", `${((performance.now() - begun) / 1000).toFixed(0)} s since the last start`],
          ["reward of reinforcement", config.reinforcement.reward],
          ...overridesOf(method.reinforcement!, reinforcementOf(experiment, method)!).map(
            (override) => ["not as the method says", override] as const
          )
        ],
        findings: finding === null ? [] : [finding],
        results,
        // Benchmarks that give answers alone do not say how many steps there are.
        latentUse: latentUse(
          reinforced.flatMap(({ rollouts }) => rollouts).filter(({ problem }) => problem.steps.length > 0)
        ),
        passAtK: passes.map(passLine),
        samples
      })
    })
