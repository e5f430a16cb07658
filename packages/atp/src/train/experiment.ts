/** What a config, its subject and a method come to: sizes, phases, and what generation needs to know. */
import { Program } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type { Task } from "../data/task.ts"
import { type Budget, inBlocks, latentsAtPace, type Phase, sharing, warmStart } from "../layout/layout.ts"
import type { Method } from "../method/method.ts"
import type { ModelSizes } from "../part/sizes.ts"
import { derive, fromSeed, type Key } from "../random/key.ts"
import { stopsByItself } from "../stop/stop.ts"
import type { Wording } from "../rollout/generate.ts"
import type { RunConfig } from "./config.ts"
import { type Subject, subjectOf } from "./subject.ts"
import type { SupervisedOptions } from "./supervised.ts"

/** A config with its subject, and all sizes that follow from both. */
export interface Experiment {
  readonly config: RunConfig
  readonly subject: Subject
  readonly key: Key
  readonly sizes: ModelSizes
  readonly budget: Budget
  /** Steps that an attempt may take at the most. */
  readonly steps: number
  /** Symbols of the longest question, and of the longest step and chain that an attempt may have. */
  readonly context: number
  readonly stepSymbols: number
  readonly textSymbols: number
}

/** Derives an experiment. Its context is that of the longest question. */
export const experiment = (config: RunConfig, subject: Subject, key: Key): Experiment => {
  const { decoderLayers, heads, hidden, kvHeads, layers, tied, width } = config.model
  const { tokenizer } = subject
  const longest = (texts: ReadonlyArray<string>): number =>
    texts.reduce((max, text) => Math.max(max, tokenizer.encode(text).length), 0)
  const all = [...subject.train, ...subject.rl, ...subject.tests.flatMap(([, set]) => set)]
  const chains = subject.train.map(({ steps }) =>
    steps.reduce((sum, step) => sum + tokenizer.encode(step).length + 1, 0)
  )
  const chainSymbols = chains.reduce((max, symbols) => Math.max(max, symbols), 0)
  const steps = config.model.steps ?? subject.maxSteps
  return {
    config,
    subject,
    key,
    sizes: { vocabulary: tokenizer.size, width, layers, heads, groups: kvHeads, hidden, tied, decoderLayers },
    budget: {
      maxSteps: subject.maxSteps,
      warmStart: config.supervised.warmStart,
      perStage: config.supervised.perStage,
      final: config.supervised.final,
      chainSymbols
    },
    steps,
    context: longest(all.map(({ question }) => question)) + 1,
    stepSymbols: longest(subject.train.flatMap(({ steps }) => steps)) + 1,
    textSymbols:
      Math.ceil((chainSymbols * steps) / subject.maxSteps) + longest(subject.train.map(({ answer }) => answer)) + 2
  }
}

/** The experiment of a config on a data set of one's own; its seed is that of the config. */
export const on = <E, R>(task: Task<E, R>, config: RunConfig): Effect.Effect<Experiment, E, R> => {
  const key = fromSeed(config.seed)
  return Effect.map(subjectOf(config, task, key), (subject) => experiment(config, subject, key))
}

/** The first parameters of a method. */
export const firstParameters = ({ key, sizes }: Experiment, method: Method): Program.AnyValues =>
  method.init(derive(key, "model"), sizes)

/** The phase that all methods share. */
export const warmPhases = ({ budget }: Experiment): ReadonlyArray<Phase> => [warmStart(budget)]

/** The phases of a method after the warm start; those without updates are left out. */
export const phasesOf = ({ budget }: Experiment, method: Method): ReadonlyArray<Phase> =>
  method.layout.phases(budget).filter(({ updates }) => updates > 0)

/** What the supervised stage of a method needs to know, under a key of its own for every stage. */
export const supervisedOptions = (
  { config, context, key, subject }: Experiment,
  method: Method,
  phases: ReadonlyArray<Phase>,
  stage: string
): SupervisedOptions => ({
  tokenizer: subject.tokenizer,
  language: subject.language,
  problems: subject.train,
  phases,
  batch: config.supervised.batch,
  perStep: perStepOf(config, method),
  maxSteps: subject.maxSteps,
  context,
  key: derive(key, "supervised", stage)
})

/** Latents of a group: as the layout has them, one where a latent stands for symbols, or as many as the config says. */
export const perStepOf = ({ model }: RunConfig, { layout }: Pick<Method, "layout">): number =>
  layout.perStep ?? (layout.pace === undefined ? model.perStep : 1)

/**
 * Latent groups that an attempt has at most: one for every step that it may take. A rule that decides has stopped when the
 * longest chain is at its end; others keep the groups that the layout has beyond it as well.
 */
export const groupsAtMost = (
  { budget: { chainSymbols, maxSteps }, sizes, steps }: Pick<Experiment, "budget" | "sizes" | "steps">,
  method: Method
): number => {
  const { blocks, extra = 0, pace, thinks } = method.layout
  if (thinks && blocks !== undefined) return blocks
  const longest =
    pace === undefined ? steps : Math.max(1, latentsAtPace(Math.ceil((chainSymbols * steps) / maxSteps), pace))
  if (!thinks || extra === 0) return longest
  const { stop } = method.put(Program.zeros(method.specs(sizes), method.names(sizes)), sizes)
  return longest + (stopsByItself(stop) ? 0 : extra)
}

/** Symbols of the longest text of a group, its end included, where steps share groups. */
const groupSymbols = (
  { subject: { maxSteps, tokenizer, train } }: Experiment,
  { blocks, spare }: Method["layout"]
): number =>
  train.reduce((most, { answer, steps }) => {
    const symbols = steps.map((step) => tokenizer.encode(step).length + 1)
    const groups = blocks === undefined ? sharing(symbols, maxSteps) : inBlocks(symbols, blocks)
    const said = groups.map((group) => group.reduce((sum, each) => sum + each, 0))
    return Math.max(most, spare === "answer" ? tokenizer.encode(answer).length + 2 : 1, ...said)
  }, 1)

/** What generation needs to know. Methods that write no chain need room for an answer only. */
export const wordingOf = (experiment: Experiment, method: Method): Wording => {
  const { config, context, stepSymbols, subject, textSymbols } = experiment
  const { blocks, pace, writes } = method.layout
  const answerSymbols = subject.train.reduce(
    (most, { answer }) => Math.max(most, subject.tokenizer.encode(answer).length),
    0
  )
  return {
    tokenizer: subject.tokenizer,
    language: subject.language,
    maxSteps: groupsAtMost(experiment, method),
    perStep: perStepOf(config, method),
    ...(pace === undefined ? {} : { pace }),
    // A pace is told after the question.
    context: context + (pace ?? 1) - 1,
    stepSymbols: method.calls || blocks !== undefined ? groupSymbols(experiment, method.layout) : stepSymbols,
    textSymbols: writes === "answer" ? answerSymbols + 2 : textSymbols
  }
}
