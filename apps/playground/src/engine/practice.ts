/** Copies of the models that practise, a move at a time. */
import { Key, Model, Reward, type Task } from "@noema/atp"
import type { Device } from "@noema/tensor"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ModelName, Requests, RewardName, Shifted, Standing } from "./protocol.ts"
import { Refusal } from "./refusal.ts"

/** Attempts of a round. */
export const attempts = 8
export const learningRate = 5e-4
/** What parts count: correctness, format, and coherence where the answer is right. */
export const weights = [1, 0.5, 0.1] as const

/** What each part adds to a total: coherence, the last, what the others leave. */
const sharesOf = ({ components, total }: Reward.Score): ReadonlyArray<number> => {
  const values = Object.values(components ?? {})
  if (values.length === 0) return [total]
  const first = values.slice(0, -1).map((value, i) => weights[i]! * value)
  return [...first, total - first.reduce((sum, each) => sum + each, 0)]
}
/** Ratios that a further update on the same attempts would clip. */
const clip = { low: 0.8, high: 1.2 }

/** What practising needs of the engine. */
interface Around {
  readonly model: (name: ModelName) => Effect.Effect<Model.Trained, { readonly message: string }>
  readonly problemOf: (question: string) => Effect.Effect<Task.Problem<never>, Refusal>
  readonly standingOf: (text: string, problem: Task.Problem) => Standing
  readonly services: Context.Context<Device.Device | Scope.Scope>
}

interface Session {
  readonly practice: Model.Practice
  problem: Task.Problem<never> | null
  rollouts: ReadonlyArray<Model.Rollout>
  scores: ReadonlyArray<Reward.Score>
}

const rewardOf = (name: RewardName) => (name === "full" ? Reward.recipe("full", "strict", weights) : Reward.random)

/** What is answered where a model practises. */
export const practising = ({ model, problemOf, services, standingOf }: Around) => {
  const sessions = new Map<ModelName, Session>()
  const session = Effect.fnUntraced(function* (name: ModelName) {
    const there = sessions.get(name)
    if (there !== undefined) return there
    const practice = yield* Effect.provide(Model.practice(yield* model(name), { attempts, learningRate }), services)
    const made: Session = { practice, problem: null, rollouts: [], scores: [] }
    sessions.set(name, made)
    return made
  })
  /** The chance of the right answer, latents at their mean. */
  const rightOf = Effect.fnUntraced(function* ({ practice }: Session, problem: Task.Problem<never>) {
    const [seen] = yield* practice.watch([{ problem }])
    return seen!.answers.find(({ text }) => text === problem.answer)?.chance ?? 0
  })
  const nothing = new Refusal("There are no attempts yet: sample some first.")

  return {
    attempt: Effect.fnUntraced(function* ({ model: name, question, round }: Requests["attempt"]["given"]) {
      const now = yield* session(name)
      const problem = yield* problemOf(question)
      now.rollouts = yield* now.practice.attempt([problem], round)
      now.problem = problem
      now.scores = []
      return {
        attempts: now.rollouts.map(({ answer, steps }) => ({
          answer,
          steps: steps.map((text) => ({ text, standing: standingOf(text, problem) }))
        })),
        expected: problem.answer,
        right: yield* rightOf(now, problem),
        noise: (yield* model(name)).method.reinforcement?.exploration ?? 0
      }
    }),
    score: Effect.fnUntraced(function* ({ model: name, reward, round }: Requests["score"]["given"]) {
      const now = yield* session(name)
      if (now.rollouts.length === 0) return yield* Effect.fail(nothing)
      const judged = rewardOf(reward)
      now.scores = yield* Reward.score(judged, now.rollouts, Key.derive(Key.fromSeed(0), reward, round))
      const advantages = now.practice.advantages(now.scores)
      const names = Object.keys(now.scores[0]?.components ?? { [judged.name]: 0 })
      return {
        names,
        scored: now.scores.map((score, i) => ({
          parts: sharesOf(score),
          total: score.total,
          advantage: advantages[i]!
        })),
        mean: now.scores.reduce((sum, { total }) => sum + total, 0) / now.scores.length
      }
    }),
    update: Effect.fnUntraced(function* ({ model: name }: Requests["update"]["given"]) {
      const now = yield* session(name)
      if (now.problem === null || now.scores.length === 0) return yield* Effect.fail(nothing)
      const before = yield* now.practice.weigh
      yield* now.practice.learn(now.scores)
      const after = yield* now.practice.weigh
      const shifted = after.map(({ latent, written }, i): Shifted => {
        const was = [...before[i]!.latent, ...before[i]!.written]
        const moved = [...latent, ...written].map((logProb, k) => logProb - was[k]!)
        const mean = moved.reduce((sum, each) => sum + each, 0) / Math.max(1, moved.length)
        const isOutside = (each: number) => Math.exp(each) < clip.low || Math.exp(each) > clip.high
        return { ratio: Math.exp(mean), clipped: moved.filter(isOutside).length, of: moved.length }
      })
      return { shifted, right: yield* rightOf(now, now.problem) }
    }),
    forget: Effect.fnUntraced(function* ({ model: name }: Requests["forget"]["given"]) {
      const now = yield* session(name)
      yield* now.practice.forget
      now.problem = null
      now.rollouts = []
      now.scores = []
      return null
    })
  }
}
