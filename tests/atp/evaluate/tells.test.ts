/** Whether rewards tell right attempts from wrong ones. */
import { Evaluate, Key } from "@noema/atp"
import fc from "fast-check"
import { expect, test } from "vitest"

const { tellsOf } = Evaluate
const key = Key.fromSeed(5)

const attempt = fc.record({ right: fc.boolean(), score: fc.integer({ min: 0, max: 3 }) })
const attempts = fc.array(fc.array(attempt, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 })

test("turned round a score tells as much the other way, and any rising function of it tells the same", () => {
  fc.assert(
    fc.property(attempts, (asked) => {
      const mean = (of: (score: number) => number) =>
        tellsOf(
          "it",
          asked.map((each) => each.map(({ right, score }) => ({ right, score: of(score) }))),
          key
        )?.mean ?? null
      const told = mean((score) => score)
      if (told === null) {
        for (const each of asked) expect(new Set(each.map(({ right }) => right)).size).toBe(1)
        return
      }
      expect(mean((score) => -score)).toBeCloseTo(1 - told, 12)
      expect(mean((score) => score ** 3 + 7)).toBeCloseTo(told, 12)
      expect(mean(() => 1)).toBe(0.5)
    })
  )
})

test("questions whose attempts are all right or all wrong say nothing", () => {
  const [one, other] = [true, false].map((right) => [right, !right].map((is) => ({ right: is, score: Number(is) })))
  const all = [{ right: true, score: 0 }]
  expect(tellsOf("it", [one!, all, other!, all], key)).toMatchObject({ reward: "it", mean: 1, of: 2 })
  expect(tellsOf("it", [all, all], key)).toBeNull()
})
