/** What there is to say of methods, read off the values that they are: nothing is said twice. */
import { Program } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type { Problem } from "../data/problem.ts"
import type { Form } from "../layout/layout.ts"
import { pack } from "../layout/pack.ts"
import type { Method } from "../method/method.ts"
import type { Source } from "../method/source.ts"
import { slugOf } from "../methods/registry.ts"
import { draws } from "../policy/draws.ts"
import { fromSeed } from "../random/key.ts"
import { settingsOf } from "../reinforce/term.ts"
import { drawsWriting } from "../search/searching.ts"
import { stopsByItself } from "../stop/stop.ts"
import { decodeConfig } from "../train/config.ts"
import { type Experiment, experiment, groupsAtMost, perStepOf } from "../train/experiment.ts"
import { parametersOf } from "../train/plan.ts"
import { generated } from "../train/subject.ts"

/** A method in words and numbers. */
export interface Facts {
  /** On the command line and in folders. */
  readonly slug: string
  readonly name: string
  readonly summary: string
  readonly source: Source | null
  readonly backbone: string
  /** Names of the parts beside the backbone. */
  readonly parts: ReadonlyArray<string>
  /** The method whose training comes first; null for most. */
  readonly after: string | null
  /** What a latent is drawn from; none for methods that do not think. */
  readonly policy: string
  readonly stop: string
  /** What says the steps: a speaker says latents, a tool is called for them, a chain is written. */
  readonly said: "called" | "spoken" | "written" | "no"
  readonly layout: string
  /** Weight and name of the terms that are trained on, or how pairs of attempts are. */
  readonly objective: ReadonlyArray<string>
  /** Settings of the policy-gradient term by path; null without one. */
  readonly reinforcement: Readonly<Record<string, string>> | null
  /** What rollouts of reinforcement draw from; null without reinforcement. */
  readonly explorer: string | null
  /** What differs between attempts of a search: drawn latents, written symbols, or only noise that the search brings. */
  readonly search: "latents" | "symbols" | "stops" | "noise"
  readonly parameters: number
  /** Latents and symbols of a right attempt, mean over questions. */
  readonly tokens: number
}

/** The test-bed that sizes and questions are taken from: what `npm start` trains on. */
const openBed = (): Experiment => {
  const config = Effect.runSync(decodeConfig({}))
  const key = fromSeed(config.seed)
  return experiment(config, generated(config, key), key)
}

/** Latents that are kept, and symbols that are written after them, where an attempt is right. */
const tokensOf = (bed: Experiment, method: Method, fixed: boolean, problem: Problem): number => {
  const { layout } = method
  const groups = layout.thinks ? groupsAtMost(bed, method) : 0
  const form: Form = {
    latentSteps: groups,
    text: layout.writes === "chain" ? "remaining" : "none",
    ...(layout.pace === undefined || groups === 0 ? {} : { pace: layout.pace })
  }
  const { context, subject } = bed
  const { needed, tail } = pack(subject.tokenizer, problem, form, {
    context,
    maxSteps: subject.maxSteps,
    spare: layout.spare
  })
  // The first symbol ends latents, and the last one the text.
  return (fixed ? groups : needed) * perStepOf(bed.config, method) + tail.length - 2
}

/** What there is to say of a method on a test-bed. */
const factsOn = (bed: Experiment, method: Method): Facts => {
  const { sizes, subject } = bed
  const { explore, policy, stop } = method.put(Program.zeros(method.specs(sizes), method.names(sizes)), sizes)
  const { layout, reinforcement } = method
  const tokens = subject.train.map((problem) => tokensOf(bed, method, !stopsByItself(stop), problem))
  return {
    slug: slugOf(method),
    name: method.name,
    summary: method.summary,
    source: method.source,
    backbone: method.backbone.name ?? "own",
    parts: method.partNames,
    after: method.after === null ? null : slugOf(method.after),
    policy: layout.thinks ? policy.name : "none",
    stop: layout.thinks ? stop.name : "none",
    said: method.calls ? "called" : method.speaks ? "spoken" : layout.writes === "chain" ? "written" : "no",
    layout: layout.name,
    objective:
      method.preference === null
        ? method.terms.map(({ name, weight }) => (weight === 1 ? name : `${weight} ${name}`))
        : [method.preference.name],
    reinforcement:
      reinforcement === null
        ? null
        : { exploration: `${reinforcement.exploration}`, ...settingsOf(reinforcement.term) },
    explorer: explore?.name ?? null,
    search: drawsWriting(method)
      ? "symbols"
      : draws(policy, sizes.width)
        ? "latents"
        : stop.logits === null
          ? "noise"
          : "stops",
    parameters: parametersOf(method, sizes),
    tokens: tokens.reduce((sum, each) => sum + each, 0) / tokens.length
  }
}

/** Methods in words and numbers, and the test-bed that these are of. */
export interface Catalogue {
  readonly methods: ReadonlyArray<Facts>
  readonly bed: string
}

/** What there is to say of methods. Opens the test-bed, and computes nothing. */
export const catalogueOf = (methods: ReadonlyArray<Method>): Catalogue => {
  const bed = openBed()
  const { sizes, subject } = bed
  return {
    methods: methods.map((method) => factsOn(bed, method)),
    bed: `${subject.name}, ${sizes.layers} layers of width ${sizes.width}`
  }
}
