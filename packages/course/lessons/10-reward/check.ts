import { Key, Reward } from "@noema/atp"
import * as Effect from "effect/Effect"
import { attemptsOf, checks, difference, newQuestions, shown, stopAfter, thinker } from "../../src/check/index.ts"

/** Attempts of the model that thinks: as it would by itself, and where it is made to stop at once. */
const bothWays = Effect.gen(function* () {
  const model = yield* thinker("thinks")
  const questions = yield* newQuestions(200)
  return { thinking: yield* attemptsOf(model, questions), brief: yield* attemptsOf(model, questions, stopAfter(0)) }
})

const meanOf = (reward: Reward.Reward, attempts: ReadonlyArray<Reward.Attempt>) =>
  Effect.map(
    reward.score(attempts, Key.fromSeed(0)),
    (scores) => scores.reduce((sum, { total }) => sum + total, 0) / scores.length
  )

export default checks<typeof import("./solution.ts")>({
  hint: "A reward per attempt is a number of the attempt within the range that it states; latents.count says how many latents there were.",
  checks: [
    {
      kind: "behaviour",
      name: "rewards keep their laws",
      hint: "No total may lie outside the stated range, and the same attempt is worth the same wherever it stands in a batch.",
      run: Effect.fnUntraced(function* ({ brevity, hackable, honest }) {
        const { brief, thinking } = yield* bothWays
        const some = [...thinking.slice(0, 20), ...brief.slice(0, 20)]
        for (const reward of [brevity, hackable, honest]) yield* Reward.checkLaws(reward, some)
        const scores = yield* brevity.score(some, Key.fromSeed(0))
        return difference(
          `brevity of attempts of ${shown(some.slice(0, 5).map(({ latents }) => latents.count))} ... latents`,
          scores.map(({ total }) => total),
          some.map(({ latents }) => 1 / (1 + latents.count))
        )
      })
    },
    {
      kind: "behaviour",
      name: "a reward that can be hacked, and one that cannot",
      hint: "Thinking gains about 0.8 of a right answer and loses about 0.7 of brevity: how large must the weight be for stopping at once to pay?",
      run: Effect.fnUntraced(function* ({ hackable, honest }) {
        const { brief, thinking } = yield* bothWays
        const [right, rightBrief] = [
          yield* meanOf(Reward.correctness, thinking),
          yield* meanOf(Reward.correctness, brief)
        ]
        const [hacked, hackedBrief] = [yield* meanOf(hackable, thinking), yield* meanOf(hackable, brief)]
        const [fair, fairBrief] = [yield* meanOf(honest, thinking), yield* meanOf(honest, brief)]
        const accuracy = `stopping at once takes accuracy from ${shown(right)} to ${shown(rightBrief)}`
        if (hackedBrief <= hacked)
          return `${accuracy}, and should raise the mean of hackable, which goes from ${shown(hacked)} to ${shown(hackedBrief)}`
        return fairBrief < fair
          ? null
          : `${accuracy}, and should lower the mean of honest, which goes from ${shown(fair)} to ${shown(fairBrief)}`
      })
    }
  ]
})
