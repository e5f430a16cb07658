/** Two copies of a model from the same start, a turn at a time: one goes on with chains, the other learns from attempts. */
import { Evaluate, Key, Model, Reward, type Task } from "@noema/atp"
import type { Device } from "@noema/tensor"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { attempts, weights } from "./practice.ts"
import type { ArmName, Judged, ModelName, Requests } from "./protocol.ts"
import { Refusal } from "./refusal.ts"

/** Chains of a supervised update, questions of a round, and held-out questions that are asked at a time. */
const [chains, questions, watched] = [64, 16, 100]
const resamples = 2000
/** The same for both. The first updates of a fresh optimiser are its worst informed. */
const optimiser = { learningRate: 5e-4, warmup: 10 }

/** What is learnt from, and what is judged on. */
export interface Taught {
  readonly train: ReadonlyArray<Task.Problem<"train">>
  readonly rl: ReadonlyArray<Task.Problem<"rl">>
  readonly held: ReadonlyArray<Task.Problem<"test">>
}

interface Around {
  readonly model: (name: ModelName) => Effect.Effect<Model.Trained, { readonly message: string }>
  readonly taught: Effect.Effect<Taught>
  readonly services: Context.Context<Device.Device | Scope.Scope>
}

type Right = ReadonlyArray<number>

interface Session {
  readonly taught: Taught
  readonly supervised: Model.Finetuning
  readonly reinforcement: Model.Practice
  readonly start: { readonly right: Right; readonly standing: Judged }
  /** Of each copy as it was last, what was right. */
  readonly last: Record<ArmName, Right>
  updates: number
}

const reward = Reward.recipe("full", "strict", weights)
const nats = (chance: number): number => (chance > 0 ? -chance * Math.log(chance) : 0)

/** What is answered where two copies learn. */
export const learningAgainst = ({ model, services, taught }: Around) => {
  const sessions = new Map<ModelName, Session>()
  const key = Key.derive(Key.fromSeed(0), "against")

  const difference = (one: Right, other: Right) => {
    const { high, low, mean } = Evaluate.pairedDifference(one, other, key, resamples)
    return { mean, low, high }
  }
  const judged = Effect.fnUntraced(function* (
    { watch }: Pick<Model.Practice, "watch">,
    { held }: Taught,
    from?: Right
  ) {
    const seen = yield* watch(held.map((problem) => ({ problem })))
    const right = seen.map(({ answer }, i) => Number(answer === held[i]!.answer))
    const count = right.reduce((sum, each) => sum + each, 0)
    const [low, high] = Evaluate.wilson(count, held.length)
    const entropies = seen.map(({ answers }) => answers.reduce((sum, { chance }) => sum + nats(chance), 0))
    const standing: Judged = {
      accuracy: { mean: count / held.length, low, high },
      entropy: entropies.reduce((sum, each) => sum + each, 0) / held.length,
      gain: difference(right, from ?? right)
    }
    return { right, standing }
  })
  const open = Effect.fnUntraced(function* (name: ModelName) {
    const own = yield* model(name)
    const known = yield* taught
    const make = Effect.all({
      supervised: Model.finetune(own, known.train, { ...optimiser, batch: chains, watched }),
      reinforcement: Model.practice(own, { ...optimiser, questions, attempts, watched })
    })
    const { reinforcement, supervised } = yield* Effect.provide(make, services)
    const start = yield* judged(supervised, known)
    const made: Session = {
      taught: known,
      supervised,
      reinforcement,
      start,
      last: { supervised: start.right, reinforcement: start.right },
      updates: 0
    }
    sessions.set(name, made)
    return made
  })

  /** One round of attempts. */
  const round = Effect.fnUntraced(function* ({ reinforcement, taught: { rl } }: Session, turn: number) {
    const asked = Array.from({ length: questions }, (_, i) => rl[(turn * questions + i) % rl.length]!)
    const rollouts = yield* reinforcement.attempt(asked, turn)
    yield* reinforcement.learn(yield* Reward.score(reward, rollouts, Key.derive(key, "score", turn)))
  })

  return {
    begin: Effect.fnUntraced(function* ({ model: name }: Requests["begin"]["given"]) {
      const begun = sessions.get(name) ?? (yield* open(name))
      yield* begun.supervised.forget
      yield* begun.reinforcement.forget
      begun.updates = 0
      const { right, standing } = begun.start
      begun.last.supervised = begun.last.reinforcement = right
      return { standing, questions: begun.taught.held.length, work: begun.reinforcement.work }
    }),
    turn: Effect.fnUntraced(function* ({ arm, model: name, turn }: Requests["turn"]["given"]) {
      const begun = sessions.get(name)
      if (begun === undefined) return yield* Effect.fail(new Refusal("There are no copies yet: begin first."))
      const { reinforcement, supervised } = begun
      if (arm === "reinforcement") yield* round(begun, turn)
      else {
        // As many whole updates as have been paid for.
        const due = Math.round(((turn + 1) * reinforcement.work) / supervised.work)
        for (; begun.updates < due; begun.updates++) yield* supervised.learn
      }
      const { right, standing } = yield* judged(begun[arm], begun.taught, begun.start.right)
      begun.last[arm] = right
      return {
        standing,
        work: arm === "reinforcement" ? (turn + 1) * reinforcement.work : begun.updates * supervised.work,
        updates: arm === "reinforcement" ? turn + 1 : begun.updates,
        difference: difference(begun.last.reinforcement, begun.last.supervised)
      }
    })
  }
}
