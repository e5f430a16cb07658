/**
 * How much of a round's gradient is signal: gradients of independent batches of attempts have the expected gradient in
 * common, and nothing else.
 */
import { valueAndGradWith } from "@noema/autodiff"
import { type Device, named, Program, Tensor } from "@noema/tensor"
import { takeApart } from "@noema/tensor/tree"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Held } from "../method/held.ts"
import { derive } from "../random/key.ts"
import * as Clip from "../reinforce/clip.ts"
import * as Coordinates from "../reinforce/coordinates.ts"
import { type Estimator, reparameterised, scoreFunction } from "../reinforce/estimator.ts"
import { answerLoss, policyLoss } from "../reinforce/loss.ts"
import * as Ratio from "../reinforce/ratio.ts"
import { term } from "../reinforce/term.ts"
import * as Tokens from "../reinforce/tokens.ts"
import { randomReward } from "../rewards/controls.ts"
import type { RewardLawBroken } from "../rewards/errors.ts"
import type { Reward } from "../rewards/reward.ts"
import { scoresOf } from "../rewards/scoring.ts"
import { type GenerateError, generator, type Rollout } from "../rollout/generate.ts"
import { creditOf, groupsOf } from "./crediting.ts"
import { explorerOf } from "./learner.ts"
import { actionsOf, answerTail, askedSpec, judgementOf, judgementSpec, storedOf } from "./minibatch.ts"
import type { RoundsOptions } from "./rounds.ts"
import { rowsOf } from "./rows.ts"

const { spec } = Program

/** What there is in a round's gradient by an estimator. */
export interface Signal {
  readonly name: string
  /** |expected gradient|^2 over the variance around it, of a whole round; where it is about 0 nothing can be told from noise. */
  readonly signalToNoise: number
  /** The root mean square of the lengths of gradients of half a round. */
  readonly norm: number
}

/** What is measured. */
export interface SignalOptions<E, R> extends Omit<RoundsOptions, "chains" | "minibatch" | "rounds"> {
  readonly reward: Reward<E, R>
  /** Independent batches, each of half a round; two at the least. */
  readonly batches: number
}

/** The density of latents without what was decided with them. */
const densityAlone: Coordinates.Coordinates = {
  ...Coordinates.sum,
  of: (density) => Coordinates.sum.of(density, null)
}

/** Of gradients that have been added: |mean|^2 and the variance around it, without bias, and the mean square length. */
const sums = () => {
  let total = new Float64Array(0)
  let [squares, count] = [0, 0]
  return {
    add: (gradient: ReadonlyArray<{ readonly data: ArrayLike<number> }>): void => {
      if (count === 0) total = new Float64Array(gradient.reduce((sum, { data }) => sum + data.length, 0))
      let at = 0
      for (const { data } of gradient)
        for (let i = 0; i < data.length; i++, at++) {
          total[at] = total[at]! + data[i]!
          squares += data[i]! ** 2
        }
      count++
    },
    signal: (name: string): Signal => {
      const whole = total.reduce((sum, x) => sum + x ** 2, 0)
      // The mean over pairs of the product of two different gradients.
      const common = (whole - squares) / (count * (count - 1))
      const noise = squares / count - common
      // A round is two batches: its mean has half their variance.
      return { name, signalToNoise: noise > 0 ? (2 * common) / noise : 0, norm: Math.sqrt(squares / count) }
    }
  }
}

/**
 * The signal to noise of one round's gradient of a held model against a reward, by estimator: what the score function has of
 * latents alone and of what is written with latents held, what there is through reparameterised latents, with and without the
 * words for steps, what right answers would give, and a random reward, which shows where the measurement ends.
 */
export const signals = Effect.fnUntraced(function* <E, R>(
  held: Held,
  options: SignalOptions<E, R>
): Effect.fn.Return<ReadonlyArray<Signal>, GenerateError | RewardLawBroken | E, Device.Device | Scope.Scope | R> {
  const { batches, group, key, problems, reinforcement, reward, wording } = options
  if (!(batches >= 2)) throw new RangeError(`a signal needs two batches at the least, found ${batches}`)
  const { exploration, term: own } = reinforcement
  const questions = Math.max(1, Math.floor(options.questions / 2))
  const attempts = questions * group
  const sizes = { questions, group, minibatch: attempts }
  const made = yield* generator(held, wording, {
    latents: "sampled",
    stops: "sampled",
    answers: "sampled",
    texts: "sampled",
    keepsNoise: true,
    questions,
    group,
    exploration,
    policy: explorerOf
  })
  const plain = { ratio: Ratio.none, clip: Clip.none, advantage: own.advantage, credit: own.credit }
  const by = (estimator: Estimator, coordinates = Coordinates.sum) =>
    term({ ...plain, estimator, reduce: { coordinates, tokens: Tokens.sum } })
  const judgements = { real: judgementSpec, random: judgementSpec }
  const put = (trainable: Program.AnyTensors, frozen: Program.AnyTensors) =>
    held.method.put({ ...trainable, ...frozen }, held.sizes, exploration)
  const parameters = Program.zeros(held.specs, held.names)
  const policy = explorerOf(put(parameters.trainable, parameters.frozen))
  const through = reparameterised.refusal(policy) === null
  const scored = scoreFunction.refusal(policy) === null

  const program = yield* Program.make(
    (state, rolled, rows, asked, right, { random, real }) => {
      const stored = storedOf(rolled, rows, asked)
      const gradientOf = (loss: (trainable: Program.AnyTensors) => Tensor.Tensor<[]>) => {
        const { gradient } = valueAndGradWith((trainable: Program.AnyTensors) => [loss(trainable), {}] as const)(
          state.trainable
        )
        return gradient
      }
      const nothing = { latent: Tensor.mul(real.latent, 0), written: Tensor.mul(real.written, 0) }
      const noWords = Tensor.mul(real.texts, 0)
      const policyGradient = (of: ReturnType<typeof by>, { kept, ...advantage }: typeof real) =>
        gradientOf((trainable) => {
          const model = put(trainable, state.frozen)
          const judgement = { before: null, reference: null, kept, advantage }
          return policyLoss(model, explorerOf(model), wording.perStep, of, stored, judgement).loss
        })
      const pathwise = by(reparameterised)
      const told = { ...stored, tail: Tensor.narrow(right, 1, 0, named("tail", right.sizes[1]!)) }
      return {
        latents: scored
          ? [policyGradient(by(scoreFunction, densityAlone), { ...real, written: nothing.written, texts: noWords })]
          : [],
        held: scored ? [policyGradient(by(scoreFunction), { ...real, latent: nothing.latent, texts: noWords })] : [],
        symbols: through ? [policyGradient(pathwise, { ...real, texts: noWords })] : [],
        words: through && held.method.speaks ? [policyGradient(pathwise, real)] : [],
        answers: through
          ? [
              gradientOf((trainable) => {
                const model = put(trainable, state.frozen)
                return answerLoss(model, explorerOf(model), wording.perStep, pathwise, told).loss
              })
            ]
          : [],
        random: [policyGradient(by(through ? reparameterised : scoreFunction), random)]
      }
    },
    held.specs,
    made.sampler.specs,
    spec(["batch"], "i32"),
    askedSpec,
    spec(["batch", "right"], "i32"),
    judgements
  )
  const names = {
    latents: "score function, latents alone",
    held: "answers, latents held",
    symbols: "reparameterised",
    words: "reparameterised, with words",
    answers: "right answers, supervised",
    random: "random reward"
  } as const
  const kinds = Object.keys(names) as ReadonlyArray<keyof typeof names>
  const found = new Map(kinds.map((kind) => [kind, sums()]))
  const rowsAt = rowsOf(derive(key, "signal"), problems.length, questions)
  const all = Array.from({ length: attempts }, (_, i) => i)
  const rightSymbols = problems.reduce((most, problem) => Math.max(most, answerTail(wording, problem).length), 0)
  const judged = Effect.fnUntraced(function* <E, R>(of: Reward<E, R>, rollouts: ReadonlyArray<Rollout>, batch: number) {
    const scores = yield* scoresOf(of, rollouts, derive(key, "signal", batch))
    const groups = groupsOf(
      scores,
      all.map(() => true),
      group,
      () => true
    )
    return judgementOf(wording, creditOf(own, groups, attempts, group))
  })
  for (let batch = 0; batch < batches; batch++) {
    const asked = rowsAt(batch).map((row) => problems[row]!)
    const rollouts = yield* made.run(asked, derive(key, "signal", batch))
    const [state, rows, actions] = actionsOf(made.sampler, sizes, wording, rollouts, all, wording.textSymbols + 1)
    const told = rollouts.map((rollout) => ({ ...rollout, tail: answerTail(wording, rollout.problem) }))
    const right = actionsOf(made.sampler, sizes, wording, told, all, rightSymbols)[2].tail
    const gradients = yield* program(held.state, state, rows, actions, right, {
      real: yield* judged(reward, rollouts, batch),
      random: yield* judged(randomReward, rollouts, batch)
    })
    for (const kind of kinds)
      for (const gradient of gradients[kind]) {
        const { leaves } = takeApart(gradient, Program.isHostTensor, "", "a gradient")
        found.get(kind)!.add(leaves)
      }
  }
  return kinds.flatMap((kind) => {
    const { norm, ...signal } = found.get(kind)!.signal(names[kind])
    return Number.isFinite(norm) ? [{ ...signal, norm }] : []
  })
})
