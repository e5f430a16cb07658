/** Rewards that take their time, may fail, and need a service. */
import { Attempt, Correctness, Equation, Key, Reward, RewardLaws } from "../inside.ts"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import { TestClock } from "effect/testing"
import fc from "fast-check"
import { expect, expectTypeOf, test } from "vitest"

class JudgeDown extends Data.TaggedError("JudgeDown")<{ readonly why: string }> {}
class Sandbox extends Data.TaggedError("SandboxFull")<{}> {}
class Judge extends Context.Service<Judge, { readonly ask: (text: string) => Effect.Effect<number, JudgeDown> }>()(
  "test/Judge"
) {}

const attempts = (count: number): ReadonlyArray<Attempt.Attempt> =>
  Array.from({ length: count }, (_, i) =>
    Attempt.make({
      problem: { question: `q${i}`, steps: [], answer: "1" },
      language: Equation.equations,
      steps: ["<<1+1=2>>"],
      output: `### ${i % 3}`
    })
  )

const judged = Reward.perAttemptEffect(
  "judged",
  [0, 1],
  ({ output }) => Effect.flatMap(Judge, ({ ask }) => ask(output)),
  { concurrency: 3 }
)
const run = Reward.perAttemptEffect("run", [0, 1], () => Effect.fail(new Sandbox()), { concurrency: 1 })

const withJudge =
  (ask: (text: string) => Effect.Effect<number, JudgeDown>) =>
  <A, E>(effect: Effect.Effect<A, E, Judge>): Effect.Effect<A, E> =>
    Effect.provideService(effect, Judge, Judge.of({ ask }))

test("what rewards fail with and need goes through the algebra", () => {
  expectTypeOf(judged).toEqualTypeOf<Reward.Reward<JudgeDown, Judge>>()
  expectTypeOf(Reward.clamp(judged, 0, 1)).toEqualTypeOf<Reward.Reward<JudgeDown, Judge>>()
  expectTypeOf(Reward.mapTotal(judged, [0, 1], (x) => x)).toEqualTypeOf<Reward.Reward<JudgeDown, Judge>>()
  expectTypeOf(Reward.gate(run, judged)).toEqualTypeOf<Reward.Reward<JudgeDown | Sandbox, Judge>>()
  expectTypeOf(Reward.named(run, "other")).toEqualTypeOf<Reward.Reward<Sandbox>>()
  const both = Reward.zip(judged, run, { name: "both", range: [0, 1], combine: Math.max })
  expectTypeOf(both).toEqualTypeOf<Reward.Reward<JudgeDown | Sandbox, Judge>>()
  const sum = Reward.weighted([
    [1, Correctness.correctness],
    [1, judged],
    [0.5, Reward.gate(run, Correctness.correctness)]
  ])
  expectTypeOf(sum).toEqualTypeOf<Reward.Reward<JudgeDown | Sandbox, Judge>>()
  expectTypeOf(RewardLaws.checkRewardLaws(sum, [])).toEqualTypeOf<
    Effect.Effect<void, JudgeDown | Sandbox | Reward.RewardLawBroken, Judge>
  >()
})

test("no more attempts than stated are judged at a time, and their scores keep their order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 12 }), async (concurrency, count) => {
      let now = 0
      let most = 0
      const reward = Reward.perAttemptEffect(
        "slow",
        [0, 20],
        ({ problem }) =>
          Effect.gen(function* () {
            most = Math.max(most, ++now)
            // The later ones are the faster ones.
            yield* Effect.sleep(`${20 - Number(problem.question.slice(1))} millis`)
            now--
            return Number(problem.question.slice(1))
          }),
        { concurrency }
      )
      const scores = await Effect.runPromise(
        Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(reward.score(attempts(count), Key.fromSeed(0)))
          yield* TestClock.adjust("1 second")
          return yield* Fiber.join(fiber)
        }).pipe(Effect.provide(TestClock.layer()))
      )
      expect(scores.map(({ total }) => total)).toEqual(Array.from({ length: count }, (_, i) => i))
      expect(most).toBe(Math.min(concurrency, count))
    }),
    { numRuns: 20 }
  )
})

test("judgements begin no faster than the stated rate", async () => {
  const begun: Array<number> = []
  const reward = Reward.perAttemptEffect("slow", [0, 1], () => Effect.sync(() => (begun.push(0), 1)), {
    concurrency: 8,
    rate: { calls: 2, per: "1 minute" }
  })
  const counts = await Effect.runPromise(
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(reward.score(attempts(7), Key.fromSeed(0)))
      const counts: Array<number> = []
      for (let minute = 0; minute < 4; minute++) {
        yield* TestClock.adjust("59 seconds")
        counts.push(begun.length)
        yield* TestClock.adjust("1 second")
      }
      expect(yield* Fiber.join(fiber)).toHaveLength(7)
      return counts
    }).pipe(Effect.provide(TestClock.layer()))
  )
  for (const [minute, count] of counts.entries()) expect(count).toBeLessThanOrEqual(2 * (minute + 1) + 1)
  expect(begun).toHaveLength(7)
})

test("retries and time limits are those of the Effect", async () => {
  let calls = 0
  const flaky = Reward.perAttemptEffect(
    "flaky",
    [0, 1],
    () =>
      Effect.suspend(() => (++calls % 3 === 0 ? Effect.succeed(1) : Effect.fail(new JudgeDown({ why: "busy" })))).pipe(
        Effect.retry(Schedule.recurs(2))
      ),
    { concurrency: 1 }
  )
  const scores = await Effect.runPromise(flaky.score(attempts(4), Key.fromSeed(0)))
  expect(scores.map(({ total }) => total)).toEqual([1, 1, 1, 1])
  expect(calls).toBe(12)

  const never = Reward.perAttemptEffect("never", [0, 1], () => Effect.timeout(Effect.never, "5 millis"), {
    concurrency: 2
  })
  const failed = await Effect.runPromise(Effect.flip(never.score(attempts(2), Key.fromSeed(0))))
  expect(failed._tag).toBe("TimeoutError")
})

test("a judge that tosses coins from the key it is given keeps the laws", async () => {
  const coin = Reward.perAttemptEffect("coin", [0, 1], (_, key) => Effect.succeed(Key.uniform(key)), {
    concurrency: 2
  })
  await Effect.runPromise(RewardLaws.checkRewardLaws(coin, attempts(9)))
  const [a, b] = await Promise.all([0, 1].map((seed) => Effect.runPromise(coin.score(attempts(9), Key.fromSeed(seed)))))
  expect(a).not.toEqual(b)
})

test("where single attempts fail the others keep their scores, and the part that failed is named", async () => {
  const reward = Reward.weighted([
    [1, Correctness.correctness],
    [2, judged]
  ])
  const ask = (text: string) =>
    text === "### 2" ? Effect.fail(new JudgeDown({ why: "no opinion" })) : Effect.succeed(0.5)
  const { failures, scores } = await Effect.runPromise(
    withJudge(ask)(Reward.scoreEach(reward, attempts(6), Key.fromSeed(0)))
  )
  expect(scores.map((score) => score?.total ?? null)).toEqual([1, 2, null, 1, 2, null])
  expect(scores[1]!.components).toEqual({ correct: 1, judged: 0.5 })
  expect(failures).toEqual([{ reward: "judged", attempts: [2, 5], error: new JudgeDown({ why: "no opinion" }) }])
})

test("a reward that judges batches fails for all of a batch", async () => {
  const down: Reward.Reward<JudgeDown> = {
    name: "down",
    kind: "shaping",
    range: [0, 1],
    score: () => Effect.fail(new JudgeDown({ why: "closed" }))
  }
  const { failures, scores } = await Effect.runPromise(Reward.scoreEach(down, attempts(2), Key.fromSeed(0)))
  expect(scores).toEqual([null, null])
  expect(failures[0]!.attempts).toEqual([0, 1])
})

test("where the first failure is the end, what else was being judged is given up", async () => {
  let finished = 0
  const slow = Reward.perAttemptEffect(
    "slow",
    [0, 1],
    () => Effect.sleep("1 hour").pipe(Effect.andThen(Effect.sync(() => ++finished))),
    { concurrency: 4 }
  )
  const reward = Reward.weighted([
    [1, slow],
    [1, run]
  ])
  const failed = await Effect.runPromise(Effect.flip(Reward.scoreAll(reward, attempts(4), Key.fromSeed(0))))
  expect(failed).toEqual({ reward: "run", error: new Sandbox() })
  expect(finished).toBe(0)
})

test("a concurrency of nothing is refused, with the reward's name", () => {
  expect(() => Reward.perAttemptEffect("idle", [0, 1], () => Effect.succeed(1), { concurrency: 0 })).toThrow(
    'the reward "idle" needs a concurrency from 1, found 0'
  )
})
