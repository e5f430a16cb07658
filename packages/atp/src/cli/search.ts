/** How commands are told to search: `--search best-of-8 --by coherence --noise 0.5`. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Flag } from "effect/cli"
import type { Method } from "../method/method.ts"
import { coherence } from "../rewards/coherence.ts"
import { learned } from "../rewards/learned.ts"
import type { Reward } from "../rewards/reward.ts"
import type { GenerateError } from "../rollout/generate.ts"
import { likelihood } from "../rewards/likelihood.ts"
import { isJudged, searchForms, searchNamed } from "../search/named.ts"
import { type Search, withDropout, withNoise } from "../search/search.ts"
import { BadConfig } from "../train/config.ts"

/** What attempts can be judged by, by name. */
const judges = new Map<string, Reward<never>>([
  ["coherence", coherence("strict")],
  ["likelihood", likelihood]
])
const judgeNames = [...judges.keys(), "STAGE"]

/** A number within bounds that are none themselves. */
const between = (name: string, low: number, high: number) =>
  Flag.Finite(name).pipe(
    Flag.filterMap(
      (value) => (value > low && value < high ? Option.some(value) : Option.none()),
      () => (Number.isFinite(high) ? `a number between ${low} and ${high}` : `a number above ${low}`)
    ),
    Flag.optional
  )

/** The flags of what stirs latents. */
export const stirringFlags = {
  noise: between("noise", 0, Number.POSITIVE_INFINITY).pipe(
    Flag.withDescription("Draw latents with Gaussian noise of this deviation, for methods that draw none")
  ),
  dropout: between("dropout", 0, 1).pipe(
    Flag.withDescription("Draw latents by leaving out this share of the states that they are made of")
  )
}

/** The flags of a search. */
export const searchFlags = {
  search: Flag.String("search").pipe(
    Flag.withDescription(
      `How several drawn attempts at a question become one answer: ${searchForms.join(", ")}, N being how many`
    ),
    Flag.optional
  ),
  by: Flag.String("by").pipe(
    Flag.withDescription(
      "What a search judges its attempts by, where it judges them: coherence, likelihood, or the reward model that is a stage of the run"
    ),
    Flag.optional
  ),
  ...stirringFlags
}

/** What the flags of a search were given. */
export interface SearchOptions {
  readonly search: Option.Option<string>
  readonly by: Option.Option<string>
  readonly noise: Option.Option<number>
  readonly dropout: Option.Option<number>
}

const bad = (reason: string) => Effect.fail(new BadConfig({ reason }))

/** What stirs latents, as options of a stage. Fails with `BadConfig` where two things do. */
export const stirringOf = ({
  dropout,
  noise
}: Pick<SearchOptions, "dropout" | "noise">): Effect.Effect<
  Partial<Readonly<Record<"dropout" | "noise", number>>>,
  BadConfig
> =>
  Option.isSome(noise) && Option.isSome(dropout)
    ? bad("--noise and --dropout are two ways to draw latents; leave one of them out")
    : Effect.succeed({
        ...(Option.isSome(noise) ? { noise: noise.value } : {}),
        ...(Option.isSome(dropout) ? { dropout: dropout.value } : {})
      })

/** The search that flags ask for, or null. Fails with `BadConfig` where they do not go together. */
export const searchOf = ({
  by,
  dropout,
  noise,
  search
}: SearchOptions): Effect.Effect<Search<GenerateError> | null, BadConfig> => {
  if (Option.isNone(search)) {
    const given = Option.isSome(by) ? "by" : Option.isSome(noise) ? "noise" : Option.isSome(dropout) ? "dropout" : null
    return given === null ? Effect.succeed(null) : bad(`--${given} is of a search; give one with --search`)
  }
  if (Option.isSome(noise) && Option.isSome(dropout))
    return bad("--noise and --dropout are two ways to draw latents; leave one of them out")
  if (Option.isNone(by) && isJudged(search.value))
    return bad(`--search ${search.value} judges its attempts; say what by with --by ${judgeNames.join(" or --by ")}`)
  const judge = Option.isNone(by) ? null : (judges.get(by.value) ?? learned)
  return Effect.fromResult(searchNamed<GenerateError, never>(search.value, judge)).pipe(
    Effect.mapError((reason) => new BadConfig({ reason: `--search: ${reason}` })),
    Effect.map((found) =>
      Option.isSome(noise)
        ? withNoise(found, noise.value)
        : Option.isSome(dropout)
          ? withDropout(found, dropout.value)
          : found
    )
  )
}

/** Fails with `BadConfig` where steps are to be judged that nobody says. */
export const checkSpoken = (
  { by }: Search<GenerateError>,
  { layout, name, speaks }: Method
): Effect.Effect<void, BadConfig> =>
  by === judges.get("coherence") && !speaks && layout.writes === "answer"
    ? bad(`${name} says no steps that could be coherent; expected another --by, found coherence`)
    : Effect.void
