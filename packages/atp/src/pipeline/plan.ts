/** From the stages of a pipeline to jobs in their order, each with its name, its options, and what it begins with. */
import * as Effect from "effect/Effect"
import { merged, plainOf, type Tree } from "../input/tree.ts"
import type { Method } from "../method/method.ts"
import { cot, writing } from "../methods/cot.ts"
import { slugOf } from "../methods/registry.ts"
import type { Reward } from "../rewards/reward.ts"
import { type Plain } from "../run/begun.ts"
import { sha256 } from "../run/digest.ts"
import type { Side } from "../pairs/settings.ts"
import { rankDefaults, type RankSettings } from "../ranking/stage.ts"
import { type BadConfig, configOfOptions, type RunConfig } from "../train/config.ts"
import { settingsOf } from "../train/overrides.ts"
import { reinforcementOf } from "../train/stages.ts"
import { BadPipeline } from "./errors.ts"
import { asksRanker, type Judging } from "./ranked.ts"
import {
  type Answers,
  type Rank,
  type EvaluateOptions,
  type Reinforce,
  type ReinforceOptions,
  type Stage,
  unmeant
} from "./stage.ts"

/** A stage that trains. */
interface Training {
  readonly name: string
  readonly method: Method
  readonly config: RunConfig
  /** The job whose model it begins with; null for the first. */
  readonly from: string | null
  /** What its chance is derived by: stages of one kind draw alike in all branches. */
  readonly drawsAs: string
  /** What it is, in plain data: a checkpoint is gone on with by a job of the same content alone. */
  readonly content: Tree
  readonly digest: string
}

/** A stage that trains on chains. `warm` is on written chains, before any method; `more` goes on in the last phase. */
export interface SuperviseJob extends Training {
  readonly kind: "curriculum" | "more" | "warm"
}

/** A stage of reinforcement. */
export interface ReinforceJob<out E, out R> extends Training {
  readonly kind: "reinforce"
  readonly options: ReinforceOptions<E, R>
  readonly ranker: string | null
}

/** Rounds in which right answers stand in place of a reward. */
export interface AnswersJob extends Training {
  readonly kind: "answers"
}

/** A reward model on what the model of a job thinks. */
export interface RankJob extends Training {
  readonly kind: "rank"
  readonly settings: RankSettings
}

/** A copy of the model of a job on its attempts of one side. */
export interface CriticJob extends Training {
  readonly kind: "critic"
  readonly side: Side
}

/** A method that learns from pairs of attempts of the model of a job. */
export interface PreferJob extends Training {
  readonly kind: "prefer"
  /** The jobs whose models find what was to blame; null where all of a wrong attempt is blamed alike. */
  readonly critics: Readonly<Record<Side, string>> | null
}

/** An evaluation of the model of a job. */
export interface EvaluateJob<out E, out R> {
  readonly kind: "evaluate"
  readonly of: string
  readonly method: Method
  readonly config: RunConfig
  readonly options: EvaluateOptions<E, R>
  /** The job whose reward model judges, where one is asked. */
  readonly ranker: string | null
}

/** A choice among the models of jobs. */
export interface ChooseJob extends Omit<Training, "drawsAs"> {
  readonly kind: "choose"
  readonly among: ReadonlyArray<string>
}

/** What is to be done, one after the other. */
export type Job<E, R> =
  | SuperviseJob
  | ReinforceJob<E, R>
  | AnswersJob
  | CriticJob
  | PreferJob
  | RankJob
  | EvaluateJob<E, R>
  | ChooseJob

/** All that is to be done, and the job whose model is what comes of it. */
export interface Plan<E, R> {
  readonly jobs: ReadonlyArray<Job<E, R>>
  readonly last: string
}

const digestOf = (content: Tree): Effect.Effect<string> =>
  Effect.map(sha256(new TextEncoder().encode(JSON.stringify(content))), (digest) => digest.slice(0, 16))

const describedMethod = ({ layout, name, partNames, terms }: Method): Plain => ({
  name,
  layout: layout.name,
  parts: [...partNames],
  terms: Object.fromEntries(terms.map(({ name, weight }) => [name, weight]))
})

const describedReward = <E, R>({ composed, kind, name, range }: Reward<E, R>): Plain => ({
  name,
  kind,
  range: [...range],
  parts: composed?.parts.map((part) => part.name) ?? []
})

/** Options of the stage on written chains: those that are of what follows it are none of it. */
const warmOf = ({ supervised }: RunConfig): Tree => {
  const { cooldown: _cooldown, final: _final, perStage: _perStage, ...options } = plainOf(supervised)
  return options
}

const isSame = (a: Tree, b: Tree): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Whether a method can begin with the model of a stage: with its backbone at the least. */
const goesOn = (from: Begun | null, { backbone }: Method): from is Begun => from?.method.backbone === backbone

/** Fails with `BadPipeline` where what comes before a stage is not of its method. */
const sameBefore = (stage: string, method: Method, from: Begun | null): Effect.Effect<void, BadPipeline> =>
  from?.method === method
    ? Effect.void
    : Effect.fail(
        new BadPipeline({
          reason: `expected a stage that trains ${method.name} before ${stage}, found ${from === null ? "none" : from.name}`
        })
      )

/** What a stage begins with. */
type Begun = Omit<Training, "drawsAs">

/** Where a walk over stages is. */
interface Place {
  readonly from: Begun | null
  /** Where the branches right before it have ended. */
  readonly ends: ReadonlyArray<Begun>
  /** Names of the branches that lead there. */
  readonly path: ReadonlyArray<string>
  /** Whether a stage of the innermost branch trains already. */
  readonly begun: boolean
  /** Stages of reinforcement on the way. */
  readonly reinforced: number
  /** The last reward model on the way. */
  readonly ranker: string | null
}

/** `atp-latent`, `atp-latent-rl`, and in branches by their names: `atp-latent-random`. */
const named = (method: Method, { begun, path }: Place, suffix: string): string => {
  const parts = [slugOf(method), ...path, ...(path.length > 0 && !begun ? [] : [suffix])]
  return parts.filter((part, i) => part !== "" && part !== parts[i - 1]).join("-")
}

/** Rounds draw alike, whatever they learn from: as those of the first stage that has some, or of the second. */
const drawnAs = (method: Method, { reinforced }: Place): string =>
  `${slugOf(method)}-rl${reinforced === 0 ? "" : `-${reinforced + 1}`}`

/**
 * The jobs of stages, in the order in which they run. Fails with `BadConfig` where options of a stage are not sound, and with
 * `BadPipeline` where a stage cannot be what it is said to be.
 */
export const plan = Effect.fnUntraced(function* <E, R>(
  stages: ReadonlyArray<Stage<E, R>>,
  config: RunConfig
): Effect.fn.Return<Plan<E, R>, BadConfig | BadPipeline> {
  const jobs: Array<Job<E, R>> = []
  const plain = plainOf(config)
  const common = { seed: config.seed, model: plain["model"] as Plain }

  const withOptions = (section: "preference" | "reinforcement" | "supervised", options: Tree) =>
    configOfOptions(merged(plain, { [section]: options }))

  const addTraining = Effect.fnUntraced(function* <J extends Exclude<Job<E, R>, { readonly kind: "evaluate" }>>(
    job: Omit<J, "content" | "digest" | "from">,
    from: Begun | null,
    own: Tree
  ) {
    const content: Tree = { ...common, ...own, from: from?.digest ?? null }
    const digest = yield* digestOf(content)
    const whole = { ...job, from: from?.name ?? null, content, digest } as J
    const other = jobs.find((each) => each.kind !== "evaluate" && each.name === whole.name)
    if (other === undefined) jobs.push(whole)
    else if (other.kind === "evaluate" || other.digest !== digest)
      return yield* new BadPipeline({ reason: `two different stages are called ${whole.name}; give one a name` })
    return whole
  })

  const supervisedJob = (
    kind: SuperviseJob["kind"],
    name: string,
    method: Method,
    config: RunConfig,
    from: Begun | null
  ) => {
    const { problems, ...options } = kind === "warm" ? warmOf(config) : plainOf(config.supervised)
    const work = kind === "more" ? { reinforcement: plainOf(config.reinforcement) } : {}
    const drawsAs = kind === "warm" ? "warm-start" : kind === "more" ? `${slugOf(method)}-more` : slugOf(method)
    return addTraining<SuperviseJob>({ kind, name, method, config, drawsAs }, from, {
      kind,
      method: describedMethod(method),
      problems,
      supervised: options,
      ...work
    })
  }

  /** The stage on written chains, which all methods of a backbone share where they ask for the same one. */
  const warmStart = (method: Method, of: RunConfig, { path }: Place) => {
    const { backbone } = method
    const all = jobs.filter((job): job is SuperviseJob => job.kind === "warm")
    const same = all.find((job) => job.method.backbone === backbone && isSame(warmOf(job.config), warmOf(of)))
    if (same !== undefined) return Effect.succeed(same)
    const writer = all.find((job) => job.method.backbone === backbone)?.method
    const own = writer ?? (backbone === cot.backbone ? cot : writing(backbone))
    // A folder may hold the runs of several methods: the bare name is that of the backbone that most of them have.
    const isPlain = writer === undefined && backbone === cot.backbone
    const name = ["warm-start", ...(isPlain ? [] : path.length === 0 ? [slugOf(method)] : path)].join("-")
    return supervisedJob("warm", name, own, of, null)
  }

  /** What a method begins with: what is there, or written chains, and the training of the method that it comes after. */
  const prepared = (method: Method, of: RunConfig, place: Place): Effect.Effect<Begun, BadConfig | BadPipeline> =>
    Effect.gen(function* () {
      const { after } = method
      if (goesOn(place.from, method) && (after === null || [after, method].includes(place.from.method)))
        return place.from
      if (after === null) return yield* warmStart(method, of, place)
      const from = yield* prepared(after, of, place)
      return yield* supervisedJob("curriculum", named(after, place, ""), after, of, from)
    })

  const wantedBy = (config: RunConfig, method: Method, name: string) => {
    const wanted = reinforcementOf({ config }, method)
    return wanted === null
      ? Effect.fail(
          new BadPipeline({
            reason: `expected a method with a policy-gradient term for ${name}, found ${method.name}, whose record has no reinforcement`
          })
        )
      : Effect.succeed(wanted)
  }

  const answersJob = Effect.fnUntraced(function* ({ method, options }: Answers, place: Place, name: string) {
    const { name: _name, ...own } = options
    const of = yield* withOptions("reinforcement", own)
    const { controls: _controls, onRewardFailure: _failure, reward: _reward, ...section } = plainOf(of.reinforcement)
    const wanted = yield* wantedBy(of, method, name)
    return yield* addTraining<AnswersJob>(
      { kind: "answers", name, method, config: of, drawsAs: drawnAs(method, place) },
      place.from,
      {
        kind: "answers",
        method: describedMethod(method),
        reinforcement: section,
        settings: settingsOf(wanted)
      }
    )
  })

  const reinforceJob = Effect.fnUntraced(function* (stage: Reinforce<E, R>, place: Place, name: string) {
    const { method, options } = stage
    const { name: _name, onRewardFailure: _failure, reward, watch: _watch, ...own } = options
    const of = yield* withOptions("reinforcement", own)
    const { controls: _controls, onRewardFailure: _, ...section } = plainOf(of.reinforcement)
    const wanted = yield* wantedBy(of, method, name)
    return yield* addTraining<ReinforceJob<E, R>>(
      {
        kind: "reinforce",
        name,
        method,
        config: of,
        options,
        drawsAs: drawnAs(method, place),
        ranker: yield* rankerOf(name, options, place)
      },
      place.from,
      {
        kind: "reinforce",
        method: describedMethod(method),
        reinforcement: reward === undefined ? section : { ...section, reward: describedReward(reward) },
        settings: settingsOf(wanted)
      }
    )
  })

  const rankJob = Effect.fnUntraced(function* ({ method, options }: Rank, place: Place, name: string) {
    const { name: _name, ...own } = options
    const settings: RankSettings = { ...rankDefaults, ...own }
    return yield* addTraining<RankJob>(
      { kind: "rank", name, method, config: place.from?.config ?? config, settings, drawsAs: `${slugOf(method)}-rm` },
      place.from,
      { kind: "rank", method: describedMethod(method), ranking: { ...settings } }
    )
  })

  /** Models of right and of wrong attempts, where the method contrasts them, and the method that learns from pairs of these. */
  const preferJob = Effect.fnUntraced(function* (method: Method, of: RunConfig, place: Place, name: string) {
    const { preference } = method
    if (preference === null)
      return yield* new BadPipeline({
        reason: `expected a method that learns from pairs of attempts for ${name}, found ${method.name}, whose record has no preference`
      })
    const from = yield* prepared(method, of, place)
    if (![method, method.after].includes(from.method))
      return yield* new BadPipeline({
        reason: `${name}: ${method.name} learns from pairs of attempts of the method that it comes after, and its record names none`
      })
    const { critics: own, learningRate, updates, ...sampled } = plainOf(of.preference)
    const sided = (side: Side) =>
      addTraining<CriticJob>(
        { kind: "critic", side, name: `${name}-${side}`, method: from.method, config: of, drawsAs: side },
        from,
        { kind: "critic", side, method: describedMethod(from.method), preference: { ...sampled, ...(own as Tree) } }
      )
    const critics = preference.contrast === null ? null : { right: yield* sided("right"), wrong: yield* sided("wrong") }
    return yield* addTraining<PreferJob>(
      {
        kind: "prefer",
        name,
        method,
        config: of,
        critics: critics === null ? null : { right: critics.right.name, wrong: critics.wrong.name },
        drawsAs: "preferred"
      },
      from,
      {
        kind: "prefer",
        method: describedMethod(method),
        pairs: preference.name,
        preference: { ...sampled, learningRate, updates },
        ...(critics === null ? {} : { critics: { right: critics.right.digest, wrong: critics.wrong.digest } })
      }
    )
  })

  /** The reward model that a stage asks, if it does. Fails with `BadPipeline` where there is none. */
  const rankerOf = (stage: string, judging: Judging<E, R>, { ranker }: Place) =>
    !asksRanker(judging)
      ? Effect.succeed(null)
      : ranker === null
        ? Effect.fail(
            new BadPipeline({
              reason: `${stage}: expected a stage of rank before what the reward model judges, found none`
            })
          )
        : Effect.succeed(ranker)

  const chooseJob = Effect.fnUntraced(function* (name: string, { ends, from }: Place) {
    const all = [...(from === null ? [] : [from]), ...ends].filter((each, i, all) => all.indexOf(each) === i)
    const [first] = all
    if (ends.length === 0 || first === undefined)
      return yield* new BadPipeline({ reason: `expected branches right before ${name}, found none` })
    const other = all.find(({ method }) => method !== first.method)
    if (other !== undefined)
      return yield* new BadPipeline({
        reason: `expected branches of ${first.method.name} before ${name}, found ${other.name} of ${other.method.name}`
      })
    const among = all.map(({ name }) => name)
    return yield* addTraining<ChooseJob>({ kind: "choose", name, method: first.method, config, among }, from, {
      kind: "choose",
      among: Object.fromEntries(all.map(({ digest, name }) => [name, digest]))
    })
  })

  const walk = (
    stages: ReadonlyArray<Stage<E, R>>,
    begin: Place
  ): Effect.Effect<Begun | null, BadConfig | BadPipeline> =>
    Effect.gen(function* () {
      let place = begin
      for (const stage of stages) {
        switch (stage.kind) {
          case "branch": {
            const ends: Array<Begun> = []
            for (const [name, inner] of stage.branches) {
              const end = yield* walk(inner, { ...place, path: [...place.path, name], begun: false, ends: [] })
              if (end !== null) ends.push(end)
            }
            place = { ...place, ends }
            break
          }
          case "choose":
            place = { ...place, from: yield* chooseJob(stage.name, place), begun: true, ends: [] }
            break
          case "evaluate": {
            if (place.from === null)
              return yield* new BadPipeline({ reason: "expected a stage that trains before evaluate, found none" })
            const { config: of, method, name } = place.from
            const reason = unmeant(stage.options)
            if (reason !== null) return yield* new BadPipeline({ reason: `evaluation of ${name}: ${reason}` })
            const ranker = yield* rankerOf(`evaluation of ${name}`, stage.options, place)
            jobs.push({ kind: "evaluate", of: name, method, config: of, options: stage.options, ranker })
            break
          }
          case "supervise":
          case "extend": {
            const { name, ...own } = stage.options
            const of = yield* withOptions("supervised", own)
            const isMore = stage.kind === "extend"
            if (!isMore && stage.method.preference !== null) {
              const job = yield* preferJob(stage.method, of, place, name ?? named(stage.method, place, ""))
              place = { ...place, from: job, begun: true, ends: [] }
              break
            }
            if (isMore) yield* sameBefore("extend", stage.method, place.from)
            const from = yield* prepared(stage.method, of, place)
            const job = yield* supervisedJob(
              isMore ? "more" : "curriculum",
              name ?? named(stage.method, place, isMore ? "more" : ""),
              stage.method,
              of,
              from
            )
            place = { ...place, from: job, begun: true, ends: [] }
            break
          }
          case "prefer": {
            const { name, ...own } = stage.options
            const of = yield* withOptions("preference", own)
            const job = yield* preferJob(stage.method, of, place, name ?? named(stage.method, place, ""))
            place = { ...place, from: job, begun: true, ends: [] }
            break
          }
          case "rank": {
            const name = stage.options.name ?? named(stage.method, place, "rm")
            yield* sameBefore(name, stage.method, place.from)
            place = { ...place, ranker: (yield* rankJob(stage, place, name)).name }
            break
          }
          case "answers": {
            const name = stage.options.name ?? named(stage.method, place, "answers")
            yield* sameBefore(name, stage.method, place.from)
            const job = yield* answersJob(stage, place, name)
            place = { ...place, from: job, begun: true, ends: [], reinforced: place.reinforced + 1 }
            break
          }
          case "reinforce": {
            const name = stage.options.name ?? named(stage.method, place, "rl")
            yield* sameBefore(name, stage.method, place.from)
            const job = yield* reinforceJob(stage, place, name)
            place = { ...place, from: job, begun: true, ends: [], reinforced: place.reinforced + 1 }
            break
          }
        }
      }
      return place.from
    })
  const end = yield* walk(stages, { from: null, ends: [], path: [], begun: false, reinforced: 0, ranker: null })
  // Of a pipeline of branches alone it is the last of theirs.
  const last = end?.name ?? jobs.findLast((job) => job.kind !== "evaluate" && job.kind !== "rank")?.name
  if (last === undefined)
    return yield* new BadPipeline({ reason: "expected a pipeline with a stage that trains, found one without" })
  return { jobs, last }
})
