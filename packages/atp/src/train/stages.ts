/** The stages of a run: through a curriculum, further in its last phase, and rounds of reinforcement with their control. */
import type { Program } from "@noema/tensor"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Phase } from "../layout/layout.ts"
import type { Method, Reinforced } from "../method/method.ts"
import { derive } from "../random/key.ts"
import { recipe } from "../rewards/recipes.ts"
import type { Reward } from "../rewards/reward.ts"
import { type Experiment, groupsAtMost, perStepOf, phasesOf, supervisedOptions, wordingOf } from "./experiment.ts"
import { type Held, parametersOf } from "../method/held.ts"
import { answersOf, shownProblems } from "./completions.ts"
import type { OnRewardFailure } from "./judging.ts"
import { overridden, overridesOf } from "./overrides.ts"
import { answering } from "./controls.ts"
import { reinforcement } from "./reinforcement.ts"
import { updatesOf } from "./minibatch.ts"
import { leastOf } from "./least.ts"
import { paceBeyond } from "./pace.ts"
import type { RoundsOptions } from "./rounds.ts"
import { cooling, type RunContext, type RunError, type RunServices, runStage, type Stage } from "./stage.ts"
import { unknownEntropy } from "./rehearsal.ts"
import { questionsOf } from "./subject.ts"
import { supervised, totalUpdates } from "./supervised.ts"
import { watcher } from "./watching.ts"
import { workOf } from "./work.ts"

export type { Listener, RunContext, RunError, RunServices } from "./stage.ts"

/**
 * Trains a method through phases of supervised updates, beginning with a model. The learning rate falls at the end unless
 * `cools` is false: what other stages begin with is better left warm.
 */
export const superviseStage = (
  context: RunContext,
  name: string,
  method: Method,
  phases: ReadonlyArray<Phase>,
  first: Program.AnyValues,
  { cools = true, drawsAs = name }: { readonly cools?: boolean; readonly drawsAs?: string } = {}
): Effect.Effect<Held, RunError, RunServices> => {
  const options = context.experiment.config.supervised
  return runStage(context, {
    name,
    method,
    first,
    optimiser: { ...options, ...(cools ? { fall: cooling(totalUpdates(phases), options.cooldown) } : {}) },
    frozen: method.frozen,
    reports: totalUpdates(phases),
    updatesPerReport: 1,
    warns: leastOf(method),
    run: (held, from) => {
      const options = supervisedOptions(context.experiment, method, phases, drawsAs)
      const warnings = Stream.fromIterable(from === 0 ? paceBeyond(options, phases) : [])
      return Stream.concat(warnings, supervised(held, options, from))
    }
  })
}

/**
 * The control beside reinforcement: more supervised updates of the last phase on the same chains, as much work as
 * reinforcement takes.
 */
export const extendStage = (
  context: RunContext,
  name: string,
  method: Method,
  first: Program.AnyValues,
  options: { readonly drawsAs?: string } = {}
): Effect.Effect<Held, RunError, RunServices> => {
  const last = lastPhaseOf(context.experiment, method)
  return superviseStage(
    context,
    name,
    method,
    [{ ...last, updates: updatesWorth(context.experiment, method, first) }],
    first,
    options
  )
}

/**
 * Supervised updates that take as many multiplications as all rounds of reinforcement. Chains that are gone over beside it are
 * supervised as they are.
 */
export const updatesWorth = (experiment: Experiment, method: Method, parameters: Program.AnyValues): number => {
  const { budget, config, context, stepSymbols } = experiment
  const { reinforcement, supervised } = config
  const work = workOf(method, parameters, { context, perStep: perStepOf(config, method), stepSymbols })
  const rolled = groupsAtMost(experiment, method)
  const { blocks, extra = 0, pace } = method.layout
  const trained = pace === undefined && blocks === undefined ? budget.maxSteps + extra : rolled
  const rows = reinforcement.rounds * reinforcement.questions * reinforcement.group
  const term = reinforcementOf(experiment, method)?.term
  const row = work.attempt(rolled, term?.filter.draws ?? 1, reinforcement.epochs)
  const tried = term?.replay.weight === 0 ? 0 : (rows * row) / (supervised.batch * work.chain(trained))
  const chains = reinforcement.rounds * updatesOf(reinforcement) * (term?.replay.chains ?? 0)
  return Math.round(tried + chains / supervised.batch)
}

/** A method's reinforcement as the config asks for it; null for a method without one. */
export const reinforcementOf = ({ config }: Pick<Experiment, "config">, { reinforcement }: Method): Reinforced | null =>
  reinforcement === null ? null : overridden(reinforcement, config.reinforcement)

/** The last phase of a method; of a run without supervised updates, which has none, what it would be. */
const lastPhaseOf = (experiment: Experiment, method: Method): Phase =>
  phasesOf(experiment, method).at(-1) ?? method.layout.phases(experiment.budget).at(-1)!

/** What a stage of reinforcement is told, where it is not what the run's config says. */
export interface ReinforceOptions<E, R> {
  /** That of the config unless given. */
  readonly reward?: Reward<E, R>
  /** Rewards whose means are reported and which nothing is trained on. */
  readonly watch?: ReadonlyArray<Reward<E, R>>
  readonly onRewardFailure?: OnRewardFailure
  /** What its chance is derived by: stages of one word draw alike, so that two rewards can be compared. Its name unless given. */
  readonly drawsAs?: string
}

/** What rounds of a method are made of, as the config asks for them. */
export const roundsOf = (
  experiment: Experiment,
  method: Method,
  reinforcement: Reinforced,
  drawsAs: string
): RoundsOptions => {
  const { config, key, subject } = experiment
  const { epochs, group, minibatch, questions, rounds } = config.reinforcement
  const own = derive(key, "reinforcement", drawsAs)
  const phase = lastPhaseOf(experiment, method)
  return {
    wording: wordingOf(experiment, method),
    reinforcement,
    // As many as the stage itself asks for, whatever other stages there are.
    problems: subject.rl.slice(0, questionsOf(config)),
    rounds,
    questions,
    group,
    minibatch,
    epochs,
    chains: { ...supervisedOptions(experiment, method, [phase], drawsAs), phase, key: derive(own, "replay") },
    key: own
  }
}

/**
 * Reinforces a method that has a policy-gradient term, beginning with a model; the decoder stays as it is. Fails as its
 * rewards do, and needs what they need.
 */
export const reinforceStage = Effect.fnUntraced(function* <E = never, R = never>(
  context: RunContext,
  name: string,
  method: Method,
  first: Program.AnyValues,
  options: ReinforceOptions<E, R> = {}
): Effect.fn.Return<Held, RunError | E, RunServices | R> {
  const { coherence, completions, onRewardFailure, reward, weights } = context.experiment.config.reinforcement
  return yield* roundsStage<E, R>(context, name, method, first, (held, wanted, from) => {
    const asked = {
      ...roundsOf(context.experiment, method, wanted, options.drawsAs ?? name),
      reward: options.reward ?? recipe(reward, coherence, weights),
      watch: options.watch ?? [],
      onRewardFailure: options.onRewardFailure ?? onRewardFailure,
      // Without a folder there is nowhere to show them, and a replay alone makes none.
      completions: context.folder === null || wanted.term.replay.weight === 0 ? 0 : completions
    }
    return Stream.unwrap(
      Effect.map(
        Effect.interruptible(answersOf(method, held.sizes, first, asked.wording, shownProblems(asked))),
        (before) => reinforcement(held, { ...asked, before }, from)
      )
    )
  })
})

/**
 * The control beside reinforcement that is told the right answers: as many rounds on the same questions, with the same latents
 * and the same replay.
 */
export const answerStage = (
  context: RunContext,
  name: string,
  method: Method,
  first: Program.AnyValues,
  options: { readonly drawsAs?: string } = {}
): Effect.Effect<Held, RunError, RunServices> =>
  roundsStage(context, name, method, first, (held, wanted, from) =>
    answering(held, roundsOf(context.experiment, method, wanted, options.drawsAs ?? name), from)
  )

/** A stage of rounds with the optimiser of reinforcement, of a method as the config asks for it. */
const roundsStage = Effect.fnUntraced(function* <E = never, R = never>(
  context: RunContext,
  name: string,
  method: Method,
  first: Program.AnyValues,
  run: (held: Held, wanted: Reinforced, from: number) => ReturnType<Stage<E, R>["run"]>
): Effect.fn.Return<Held, RunError | E, RunServices | R> {
  const { cooldown, learningRate, rounds, warmup, ...sizes } = context.experiment.config.reinforcement
  const wanted = reinforcementOf(context.experiment, method)
  if (wanted === null) throw new TypeError(`${method.name} has no policy-gradient term`)
  for (const override of overridesOf(method.reinforcement!, wanted)) yield* Console.error(`${name}: ${override}`)
  const unknown = unknownEntropy(method, wanted, context.experiment.sizes)
  if (unknown !== null) yield* Console.error(`${name}: ${unknown}`)
  const updatesPerReport = updatesOf(sizes)
  return yield* runStage<E, R>(context, {
    name,
    method,
    first,
    optimiser: {
      learningRate,
      weightDecay: 0,
      clipNorm: 1,
      warmup,
      fall: cooling(rounds * updatesPerReport, cooldown)
    },
    frozen: wanted.frozen,
    keepsReference: wanted.term.reference.decay !== null,
    reports: rounds,
    updatesPerReport,
    warns: watcher(sizes),
    run: (held, from) => run(held, wanted, from)
  })
})

/** The model a stage ended with. */
export const parametersAfter = parametersOf
