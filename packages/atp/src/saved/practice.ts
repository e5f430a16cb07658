/** Reinforcement of a trained model one move at a time: attempts, what they are worth, and an update, to be looked at between. */
import type { Optimiser } from "@noema/autodiff"
import { type Device, Program, Resident, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Problem } from "../data/problem.ts"
import { hold } from "../method/held.ts"
import { derive, fromSeed, type Key } from "../random/key.ts"
import * as Replay from "../reinforce/replay.ts"
import type { Score } from "../rewards/reward.ts"
import { type GenerateError, generator, type Rollout } from "../rollout/generate.ts"
import { type Watching, watching } from "../rollout/watching.ts"
import { creditOf } from "../train/crediting.ts"
import { explorerOf, learner } from "../train/learner.ts"
import { actionsOf, askedSpec, judgementOf, storedOf } from "../train/minibatch.ts"
import { adamw } from "../train/optimiser.ts"
import type { TooLarge } from "../train/plan.ts"
import { workOf } from "../train/work.ts"
import { checkUse } from "./ask.ts"
import { OtherModel } from "./huggingFace.ts"
import type { SavedModel } from "./model.ts"

const { spec } = Program

/** How a model practises; what is left out is as in reinforcement. */
export interface PracticeOptions {
  /** Questions of a round; one unless given. */
  readonly questions?: number
  /** Attempts at each; 8 unless given. */
  readonly attempts?: number
  readonly learningRate?: number
  /** Updates over which the learning rate rises; none unless given. */
  readonly warmup?: number
  /** Questions that are watched at a time; one unless given. */
  readonly watched?: number
  readonly key?: Key
}

/** The actions of an attempt that count, each with its log-probability. */
export interface Weighed {
  /** Of going on and of stopping, and of latents where they are actions. */
  readonly latent: ReadonlyArray<number>
  /** Of the stop and of what was written. */
  readonly written: ReadonlyArray<number>
}

/** A model that practises. */
export interface Practice {
  /**
   * Attempts at the questions of a round as reinforcement makes them, those at one after those at another; `round` decides
   * their chance. They can be learnt from until the next. Throws where there are not as many questions as were said.
   */
  readonly attempt: (
    problems: ReadonlyArray<Problem<"train" | "rl">>,
    round: number
  ) => Effect.Effect<ReadonlyArray<Rollout>, GenerateError>
  /** How likely the model is now to do what it did in the last attempts. */
  readonly weigh: Effect.Effect<ReadonlyArray<Weighed>, Program.ProgramError>
  /** What each of the last attempts is credited with, by a score for each: each is held against those at its question. */
  readonly advantages: (scores: ReadonlyArray<Score>) => ReadonlyArray<number>
  /** One update on the last attempts, by a score for each; gives its figures. */
  readonly learn: (
    scores: ReadonlyArray<Score>
  ) => Effect.Effect<Readonly<Record<string, number>>, Program.ProgramError | Optimiser.NonFinite>
  /** Multiplications by parameters that a round takes, attempts and update. */
  readonly work: number
  /** Everything as it was before anything was learnt. */
  readonly forget: Effect.Effect<void, Program.ProgramError>
  /** The model as it is now, watched. */
  readonly watch: Watching
}

/**
 * A trained model that practises by its method's policy-gradient term, without the replay of chains, on the device until the
 * scope closes. Fails with `OtherModel` for a method that cannot be reinforced, and as `Model.answering`.
 *
 * @example
 * const { atpLatent } = Methods
 * const parameters = atpLatent.init(Key.fromSeed(1), untrained.sizes)
 * const practice = yield* Model.practice({ ...untrained, method: atpLatent, parameters }, { attempts: 3 })
 * const attempts = yield* practice.attempt([{ question: "1 + 2", steps: [], answer: "3" }], 0)
 * const before = yield* practice.weigh
 * practice.advantages([{ total: 1 }, { total: 0 }, { total: 0 }]) // => [1, -0.5, -0.5]
 * yield* practice.learn([{ total: 1 }, { total: 0 }, { total: 0 }])
 * const after = yield* practice.weigh
 * [attempts.length, before.length, after.length] // => [3, 3, 3]
 * yield* Model.practice(untrained)
 * // fails not a model for this program: expected a method that can be reinforced, found SIM-CoT
 */
export const practice = Effect.fnUntraced(function* (
  model: SavedModel,
  {
    attempts: group = 8,
    key = fromSeed(0),
    learningRate = 5e-4,
    questions = 1,
    warmup = 0,
    watched = 1
  }: PracticeOptions = {}
): Effect.fn.Return<Practice, OtherModel | Program.ProgramError | TooLarge, Device.Device | Scope.Scope> {
  const { method, parameters, sizes } = model
  if (method.reinforcement === null)
    return yield* new OtherModel({ reason: `expected a method that can be reinforced, found ${method.name}` })
  const attempts = questions * group
  const wording = yield* checkUse(model, attempts, true)
  const { exploration, frozen } = method.reinforcement
  const term = { ...method.reinforcement.term, replay: Replay.none }
  const optimiser = adamw({ learningRate, weightDecay: 0, clipNorm: 1, warmup })
  const held = yield* hold(method, sizes, parameters, optimiser, {
    frozen,
    keepsReference: term.reference.decay !== null
  })
  const made = yield* generator(held, wording, {
    latents: "sampled",
    stops: "sampled",
    answers: "sampled",
    texts: term.estimator.texts,
    keepsNoise: term.estimator.keeps === "noise",
    questions,
    group,
    exploration,
    policy: explorerOf
  })
  const update = yield* learner(held, { exploration, frozen, term }, wording.perStep, made.sampler, {
    several: false,
    replay: null,
    target: "attempts"
  })
  const weigh = yield* Program.make(
    (state, rolled, rows, asked) => {
      const used = method.put({ ...state.trainable, ...state.frozen }, sizes, exploration)
      const { latent, written } = term.estimator.chances(
        used,
        explorerOf(used),
        wording.perStep,
        term.reduce.coordinates,
        storedOf(rolled, rows, asked)
      )
      return {
        latent: { logProb: Tensor.sum(latent.logProb, 2), live: latent.live },
        written: { logProb: Tensor.sum(written.logProb, 2), live: written.live }
      }
    },
    held.specs,
    made.sampler.specs,
    spec(["batch"], "i32"),
    askedSpec
  )
  const sizesOfRound = { questions, group, minibatch: attempts }
  const rows = Array.from({ length: attempts }, (_, row) => row)
  const initial = yield* Resident.get(held.state)
  let last: ReadonlyArray<Rollout> = []
  let updates = 0

  const actions = () => actionsOf(made.sampler, sizesOfRound, wording, last, rows, wording.textSymbols + 1)
  const credited = (scores: ReadonlyArray<Score>) => {
    const groups = Array.from({ length: questions }, (_, question) => question * group)
    return creditOf(
      term,
      groups.map((from) => ({ from, scores: scores.slice(from, from + group) })),
      attempts,
      group
    )
  }
  return {
    work: attempts * workOf(method, parameters, wording).attempt(wording.maxSteps, 1, 1),
    attempt: (problems, round) => {
      if (problems.length !== questions)
        throw new RangeError(
          `expected as many problems as questions of a round, ${questions}, found ${problems.length}`
        )
      return Effect.tap(made.run(problems, derive(key, "practice", round)), (rollouts) =>
        Effect.sync(() => (last = rollouts))
      )
    },
    weigh: Effect.suspend(() =>
      Effect.map(weigh(held.state, ...actions()), (found) =>
        rows.map((row): Weighed => {
          const of = ({ live, logProb }: (typeof found)["latent"] | (typeof found)["written"]) => {
            const time = logProb.sizes[1]!
            return Array.from(logProb.data.subarray(row * time, (row + 1) * time)).filter(
              (_, at) => live.data[row * time + at]! > 0
            )
          }
          return { latent: of(found.latent), written: of(found.written) }
        })
      )
    ),
    advantages: (scores) => credited(scores).map((each) => each?.written ?? 0),
    learn: (scores) =>
      Effect.suspend(() =>
        update([{ actions: actions(), judged: judgementOf(wording, credited(scores)), replay: [] }], ++updates)
      ),
    forget: Resident.set(held.state, initial),
    watch: yield* watching(held, wording, watched)
  }
})
