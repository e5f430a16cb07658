/** What a run's config says of a policy-gradient term where it is not to be as the method says. */
import type { Reinforced } from "../method/method.ts"
import * as Reinforce from "../reinforce/index.ts"
import type { ReinforcementConfig } from "./config.ts"

const { Advantage, Clip, Coordinates, Credit, Estimator, Filter, Ratio, Recipe, Reference, Replay, Tokens } = Reinforce

type Named<K extends keyof ReinforcementConfig> = Exclude<Extract<ReinforcementConfig[K], string>, "method">

const estimators: Record<Named<"estimator">, Reinforce.Estimator.Estimator> = {
  "score-function": Estimator.scoreFunction,
  reparameterised: Estimator.reparameterised
}
const advantages: Record<Named<"advantage">, Reinforce.Advantage.Advantage> = {
  "group-relative": Advantage.groupRelative(),
  "leave-one-out": Advantage.leaveOneOut,
  "dr-grpo": Advantage.drGrpo,
  "batch-normalised": Advantage.batchNormalised
}
const ratios: Record<Named<"ratio">, Reinforce.Ratio.Ratio> = {
  token: Ratio.token({ limit: 3 }),
  sequence: Ratio.sequence({ limit: 3 }),
  none: Ratio.none
}
const coordinates: Record<Named<"reduce">, Reinforce.Coordinates.Coordinates> = {
  sum: Coordinates.sum,
  mean: Coordinates.mean,
  "per-component": Coordinates.perComponent
}
const tokens: Record<Named<"tokens">, Reinforce.Tokens.Tokens> = {
  sum: Tokens.sum,
  "mean-per-sequence": Tokens.meanPerSequence,
  "token-mean": Tokens.tokenMean,
  longest: Tokens.longest
}
const filters: Record<Named<"filter">, Reinforce.Filter.Filter> = { all: Filter.all, varied: Filter.varied }
const overlongs: Record<Named<"overlong">, Reinforce.Filter.Overlong> = { kept: Filter.kept, masked: Filter.masked }
const credits: Record<Named<"credit">, Reinforce.Credit.Credit> = { sequence: Credit.sequence, step: Credit.step }

const clipOf = (clip: Exclude<ReinforcementConfig["clip"], "method">): Reinforce.Clip.Clip =>
  clip === "none" ? Clip.none : typeof clip === "number" ? Clip.symmetric(clip) : Clip.higher(...clip)

const referenceOf = (reference: Exclude<ReinforcementConfig["reference"], "method">): Reinforce.Reference.Reference =>
  reference === "none"
    ? Reference.none
    : "frozen" in reference
      ? Reference.frozen(reference.frozen)
      : Reference.moving(reference.moving, reference)

/** Terms of papers over that of a method, which keeps what they do not speak of. */
const forms: Record<Named<"form">, (own: Reinforce.Term) => Reinforce.Term> = {
  grpo: (own) => formed(own, Recipe.grpo),
  "dr-grpo": (own) => formed(own, Recipe.drGrpo),
  dapo: (own) => formed(own, Recipe.dapo),
  gspo: (own) => formed(own, Recipe.gspo),
  rloo: (own) => formed(own, Recipe.rloo),
  released: (own) => formed(own, Reinforce.released)
}

const formed = (own: Reinforce.Term, recipe: Reinforce.TermOptions): Reinforce.Term =>
  Reinforce.term({ ...own, ...recipe, reduce: { ...own.reduce, ...recipe.reduce } })

const replayOf = (replay: Exclude<ReinforcementConfig["replay"], "method">): Reinforce.Replay.Replay =>
  replay === "none" ? Replay.none : Replay.chains(replay.chains, replay)

/** A setting: what the config says, or what the method does. */
const chosen = <S, A>(setting: S, of: (setting: Exclude<S, "method">) => A, own: A): A =>
  setting === "method" ? own : of(setting as Exclude<S, "method">)

/** A method's reinforcement as a run's config wants it. */
export const overridden = ({ exploration, frozen, term: own }: Reinforced, config: ReinforcementConfig): Reinforced => {
  const term = chosen(config.form, (name) => forms[name](own), own)
  const clip = chosen(config.clip, clipOf, term.clip)
  return {
    frozen,
    exploration: chosen(config.exploration, (scale) => scale, exploration),
    term: {
      estimator: chosen(config.estimator, (name) => estimators[name], term.estimator),
      advantage: chosen(config.advantage, (name) => advantages[name], term.advantage),
      ratio: chosen(config.ratio, (name) => ratios[name], term.ratio),
      clip: chosen(config.dualClip, (bound) => Clip.dual(clip, bound), clip),
      reduce: {
        coordinates: chosen(config.reduce, (name) => coordinates[name], term.reduce.coordinates),
        tokens: chosen(
          config.tokens,
          (name) => (typeof name === "string" ? tokens[name] : Tokens.constant(name.constant)),
          term.reduce.tokens
        )
      },
      reference: chosen(config.reference, referenceOf, term.reference),
      filter: chosen(
        config.filter,
        (name) => (typeof name === "string" ? filters[name] : Filter.replaced({ draws: name.replaced })),
        term.filter
      ),
      overlong: chosen(config.overlong, (name) => overlongs[name], term.overlong),
      entropy: chosen(config.entropy, (weight) => weight, term.entropy),
      credit: chosen(config.credit, (name) => credits[name], term.credit),
      replay: chosen(config.replay, replayOf, term.replay)
    }
  }
}

/** The settings of a method's reinforcement by path, in words. */
export const settingsOf = ({ exploration, term }: Reinforced): Readonly<Record<string, string>> => ({
  exploration: `${exploration}`,
  ...Reinforce.settingsOf(term)
})

/**
 * The settings that differ from those of the method, in words.
 *
 *     // ["method.reinforcement.advantage: leave-one-out -> group-relative"]
 */
export const overridesOf = (own: Reinforced, ran: Reinforced): ReadonlyArray<string> => {
  const before = settingsOf(own)
  return Object.entries(settingsOf(ran)).flatMap(([path, now]) =>
    before[path] === now ? [] : [`method.reinforcement.${path}: ${before[path] ?? "unset"} -> ${now}`]
  )
}
