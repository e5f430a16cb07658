/** Rows held against each other, and the causal card in lines. */
import { ReportSummary } from "../inside.ts"
import { Evaluate, Key } from "../inside.ts"
import fc from "fast-check"
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { CardFigures, cardText } from "../../../packages/atp/src/report/card.ts"
import { differencesOf, differenceText, outcomesText } from "../../../packages/atp/src/report/differences.ts"

const rowOf = (method: string, right: ReadonlyArray<boolean>, more: Partial<ReportSummary.Result> = {}) => ({
  method,
  set: "id",
  latents: "mean" as const,
  problems: right.length,
  accuracy: right.filter(Boolean).length / Math.max(1, right.length),
  chance: 0.1,
  tokens: 1,
  chains: null,
  byDifficulty: [],
  asked: "0",
  outcomes: outcomesText(right),
  card: null,
  ...more
})

test("every row is held against those before it that were asked the same, latents taken alike", () => {
  const right = Array.from({ length: 40 }, (_, i) => i % 2 === 0)
  const all = right.map(() => true)
  const found = differencesOf([
    rowOf("a", right),
    rowOf("b", all),
    rowOf("c", right, { latents: "none" }),
    rowOf("a", right, { latents: "sampled" }),
    rowOf("b", all, { latents: "sampled" }),
    rowOf("b", all, { set: "hard" }),
    rowOf("d", all, { asked: "1" })
  ])
  expect(found.map(({ against, row }) => [row, against])).toEqual([
    ["b, latents mean", "a, latents mean"],
    ["c", "a, latents mean"],
    ["c", "b, latents mean"],
    ["b, latents sampled", "a, latents sampled"]
  ])
  const [gain, none] = found
  expect(gain!.mean).toBeCloseTo(0.5, 12)
  expect(gain!.low).toBeGreaterThan(0.3)
  expect(none).toMatchObject({ mean: 0, low: 0, high: 0, of: 40 })
  expect(differencesOf([rowOf("a", []), rowOf("b", [])])).toEqual([])
})

test("a difference is its points with a sign, and the interval", () => {
  expect(differenceText({ mean: 0.051, low: 0.039, high: 0.063 })).toBe("+5.1 [3.9, 6.3]")
  expect(differenceText({ mean: -0.012, low: -0.03, high: 0.004 })).toBe("−1.2 [−3.0, 0.4]")
})

test("outcomes are kept as they are", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean()), (right) => {
      expect(Array.from(outcomesText(right), (each) => each === "1")).toEqual(right)
    })
  )
})

const share = (share: number, of = 100) => ({ share, of })
const card: Evaluate.Card = {
  problems: 100,
  asIs: 0.9,
  zeroed: 0.1,
  mean: 0.2,
  swapped: 0,
  donor: null,
  exchanged: 0,
  stays: share(0.1),
  goes: share(0.8),
  lastOnly: 0.3,
  noise: 0.65,
  early: [0.1, 0.4],
  steps: [{ zeroed: share(0.2), follows: null, keeps: null }],
  follows: null,
  chains: null,
  probes: [],
  verdict: { answers: "cannot tell", chain: "cannot tell", sentence: "it cannot be told" },
  absent: [
    ["follows", "this kind of problem cannot say"],
    ["probes", "nothing is said of steps"]
  ]
}

test("a card in lines begins with its verdict, and says why what is absent is", () => {
  const lines = cardText(card, 0.143)
  expect(lines[0]).toBe("it cannot be told")
  expect(lines[1]).toContain("a guess gets 14.3")
  const text = lines.join("\n")
  expect(text).toMatch(/all zeroed: right +10\.0 \[5\.5, 17\.4\] of 100/)
  expect(text).toMatch(/follows +this kind of problem cannot say/)
  expect(text).toContain("read out of latents: nothing is said of steps")
  expect(text).toContain("asked after 1 step: right")
  const probes = [
    { property: "result", place: 1, accuracy: 0.95, chance: 0.15, of: 10 },
    { property: "step", place: null, accuracy: 1, chance: 0.55, of: 15 }
  ]
  const read = cardText({ ...card, probes }, 0.1).join("\n")
  expect(read).toContain("latent 2: result 95.0 (15.0)")
  expect(read).toContain("any latent: step 100.0 (55.0)")
})

test("a card is the same read again from JSON", () => {
  expect(Schema.decodeUnknownSync(CardFigures)(JSON.parse(JSON.stringify(card)))).toEqual(card)
})

test("differences are the same bits again, and do not depend on what else is there", () => {
  const random = Key.draws(Key.fromSeed(2))
  const drawn = () => Array.from({ length: 60 }, () => random.uniform() < 0.6)
  const [a, b, c] = [rowOf("a", drawn()), rowOf("b", drawn()), rowOf("c", drawn())]
  expect(differencesOf([a, c])[0]).toEqual(differencesOf([a, b, c])[1])
})
