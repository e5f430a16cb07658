/** What a card says in words follows a rule, and says neither side without an interval beyond a half. */
import { Evaluate } from "../inside.ts"
import fc from "fast-check"
import { expect, test } from "vitest"

const { verdictOf, wilson } = Evaluate
const share = fc.tuple(fc.nat(2000), fc.nat()).map(([of, right]) => {
  const hits = of === 0 ? 0 : right % (of + 1)
  return { share: of === 0 ? 0 : hits / of, of }
})
const evidence = fc
  .record({ stays: share, goes: share, follows: fc.option(share, { nil: null }) })
  .map(({ follows, goes, stays }) => ({
    follows,
    stays,
    // An answer cannot both stay and become another.
    goes: { share: Math.min(goes.share, 1 - stays.share), of: stays.of }
  }))
const low = ({ of, share }: Evaluate.Share) => wilson(Math.round(share * of), of)[0]
const high = ({ of, share }: Evaluate.Share) => wilson(Math.round(share * of), of)[1]

test("decoration and listening are said exactly where the whole interval is beyond a half", () => {
  fc.assert(
    fc.property(evidence, (found) => {
      const { answers, chain, sentence } = verdictOf(found)
      expect(answers === "are decorated").toBe(low(found.stays) > 0.5)
      expect(answers === "come from latents").toBe(low(found.goes) > 0.5)
      expect(chain === "goes on").toBe(found.follows !== null && low(found.follows) > 0.5)
      expect(chain === "does not go on").toBe(found.follows !== null && high(found.follows) < 0.5)
      expect(sentence.includes("latents are decoration")).toBe(answers === "are decorated")
      expect(sentence).not.toContain("NaN")
      expect(sentence).not.toContain("undefined")
    })
  )
})

test("the models of which it is known: heavy answer weights, and grounded latents", () => {
  const of = 880
  const heavy = verdictOf({ stays: { share: 0.64, of }, goes: { share: 0.06, of }, follows: { share: 0.1, of } })
  expect(heavy.sentence).toBe(
    "answers change little when latents are another question's, 64.0 % of 880 (60.8 to 67.1) stay: latents are decoration"
  )
  const grounded = verdictOf({ stays: { share: 0, of }, goes: { share: 0.99, of }, follows: { share: 0.97, of } })
  expect(grounded.sentence).toBe(
    "answers come from the latents: when these are another question's, 99.0 % of 880 (98.1 to 99.5) become its answer, and later latents go on from the first: when the first changes, 97.0 % of 880 (95.7 to 98.0) change as the steps say"
  )
  const carried = verdictOf({ stays: { share: 0, of }, goes: { share: 0.99, of }, follows: { share: 0.2, of } })
  expect(carried.sentence).toContain("but later latents do not go on from the first")
  const unknown = verdictOf({ stays: { share: 0, of }, goes: { share: 0.99, of }, follows: null })
  expect(unknown.sentence).toContain("whether later latents go on from the first is not known")
  const partly = verdictOf({ stays: { share: 0.2, of }, goes: { share: 0.3, of }, follows: null })
  expect(partly.sentence).toBe(
    "whether answers come from latents cannot be told: when these are another question's, 20.0 % of 880 (17.5 to 22.8) stay and 30.0 % of 880 (27.1 to 33.1) become its answer"
  )
  expect(verdictOf({ stays: { share: 0, of: 0 }, goes: { share: 0, of: 0 }, follows: null }).sentence).toContain(
    "no two questions have as many latents and different answers"
  )
})
