/** Stages of a pipeline, as data: what is to be done, with which method, and nothing that has run. */
import type { Problem } from "../data/problem.ts"
import type { Method } from "../method/method.ts"
import type { Reward } from "../rewards/reward.ts"
import type { PreferenceConfig, ReinforcementConfig, SupervisedConfig } from "../train/config.ts"
import type { RankSettings } from "../ranking/stage.ts"
import type { Search } from "../search/search.ts"
import type { OnRewardFailure } from "../train/judging.ts"

/** Options of a supervised stage, where they are not those of the pipeline. */
export type SuperviseOptions = Partial<Omit<(typeof SupervisedConfig)["Encoded"], "problems">> & {
  /** The name of the stage: of its checkpoints, and in metrics and report. That of the method unless given. */
  readonly name?: string
}

/** Options of a stage of reinforcement, where they are not those of the pipeline and of the method. */
export type ReinforceOptions<E, R> = Partial<
  Omit<(typeof ReinforcementConfig)["Encoded"], "controls" | "onRewardFailure" | "reward">
> & {
  readonly name?: string
  /** That of the pipeline's options unless given: correctness, format, and coherence where the answer is right. */
  readonly reward?: Reward<E, R>
  /** Rewards whose means are reported and which nothing is trained on. */
  readonly watch?: ReadonlyArray<Reward<E, R>>
  /** Whether the run stops where a reward fails, or leaves the groups out that it could not score. */
  readonly onRewardFailure?: OnRewardFailure
}

/** Options of rounds that are told the right answers, where they are not those of the pipeline and of the method. */
export type AnswersOptions = Omit<ReinforceOptions<never, never>, "onRewardFailure" | "reward" | "watch">

/** How a model is evaluated. */
export interface EvaluateOptions<E, R> {
  /** Sets by name; all that are held out unless given. `train` are as many of the questions that were learnt from. */
  readonly sets?: ReadonlyArray<string>
  /** Problems of one's own in their place, by the name of the set. */
  readonly problems?: Readonly<Record<string, ReadonlyArray<Problem>>>
  /** Latents at their mean, sampled, or first so and then so; at their mean unless given. */
  readonly latents?: Latents | ReadonlyArray<Latents>
  /**
   * When there have been enough latents: where stopping is the likelier, unless given, or `never`, which takes as many as there
   * may be.
   */
  readonly stops?: "likely" | "never"
  /** Rewards whose means over the attempts are reported. */
  readonly watch?: ReadonlyArray<Reward<E, R>>
  /** Whether the causal card is made as well, of methods that think and with latents at their mean. */
  readonly card?: boolean
  /** How several drawn attempts at a question become one answer; each is asked once unless given. */
  readonly search?: Search<E, R>
  /**
   * Whether pass@k is estimated as well: as many attempts as the options of the run say, with latents and answers sampled as
   * in reinforcement, at 200 questions of all sets together.
   */
  readonly passes?: boolean
  /** Whether the rewards that are watched tell right attempts at a question from wrong ones, of those that pass@k draws. */
  readonly tells?: boolean
}

/** How latents are taken where a model is evaluated. */
export type Latents = "mean" | "sampled"

/** A method through its curriculum; the first one in a pipeline begins on written chains, as all methods do. */
export interface Supervise {
  readonly kind: "supervise"
  readonly method: Method
  readonly options: SuperviseOptions
}

/** More supervised updates of the last phase, as much work as the reinforcement of the same options: the control beside it. */
export interface Extend {
  readonly kind: "extend"
  readonly method: Method
  readonly options: SuperviseOptions
}

/** A method's policy-gradient term against a reward. */
export interface Reinforce<out E, out R> {
  readonly kind: "reinforce"
  readonly method: Method
  readonly options: ReinforceOptions<E, R>
}

/** The right answers to the questions of reinforcement in place of a reward, with the same latents and replay: the control beside it. */
export interface Answers {
  readonly kind: "answers"
  readonly method: Method
  readonly options: AnswersOptions
}

/** Options of a stage that learns from pairs of attempts, where they are not those of the pipeline. */
export type PreferOptions = Partial<(typeof PreferenceConfig)["Encoded"]> & { readonly name?: string }

/** A method that learns from pairs of attempts, right and wrong, of the model that is there. */
export interface Prefer {
  readonly kind: "prefer"
  readonly method: Method
  readonly options: PreferOptions
}

/** Options of a stage that trains a reward model, where they are not as `Pipeline.rank` says. */
export type RankOptions = Partial<RankSettings> & { readonly name?: string }

/** A reward model (LatentRM) trained on what the model that is there thinks, which stays as it is. */
export interface Rank {
  readonly kind: "rank"
  readonly method: Method
  readonly options: RankOptions
}

/** What the model that is there does with questions. */
export interface Evaluate<out E, out R> {
  readonly kind: "evaluate"
  readonly options: EvaluateOptions<E, R>
}

/** Several ways on from the model that is there; what follows goes on from that model, and not from one of theirs. */
export interface Branch<out E, out R> {
  readonly kind: "branch"
  readonly branches: ReadonlyArray<readonly [name: string, stages: ReadonlyArray<Stage<E, R>>]>
}

/** What is gone on with after branches: the best of them and of the model before them, on validation questions. */
export interface Choose {
  readonly kind: "choose"
  readonly name: string
}

/** A stage of a pipeline. */
export type Stage<E = never, R = never> =
  | Supervise
  | Extend
  | Reinforce<E, R>
  | Answers
  | Prefer
  | Rank
  | Evaluate<E, R>
  | Branch<E, R>
  | Choose

/** What of the options of an evaluation does not go together, in a sentence that calls options by these names, or null. */
export const unmeant = <E, R>(
  { card = false, latents, passes = false, search, stops, tells = false, watch = [] }: EvaluateOptions<E, R>,
  named: (option: "card" | "latents" | "passes" | "search" | "stops" | "tells" | "watch") => string = (option) => option
): string | null => {
  const drawn = [latents ?? []].flat().includes("sampled")
  if (tells && !passes)
    return `${named("tells")} judges the attempts that ${named("passes")} draws; add ${named("passes")}`
  if (tells && watch.length === 0) return `${named("tells")} expects rewards to ${named("watch")}, found none`
  if (search === undefined)
    return card && drawn && ![latents].flat().includes("mean")
      ? `${named("card")} takes latents at their mean; leave out ${named("latents")} sampled`
      : null
  const other = card
    ? "card"
    : passes
      ? "passes"
      : latents !== undefined
        ? "latents"
        : stops !== undefined
          ? "stops"
          : null
  return other === null
    ? null
    : `${named("search")} makes one answer of several drawn attempts; leave out ${named(other)}`
}
