/** What a card says in words follows a rule, and says neither side without an interval beyond a half. */
import { Evaluate } from "../inside.ts"
import fc from "fast-check"
import { expect, test } from "vitest"

const { verdictOf, wilson } = Evaluate
const share = fc.tuple(fc.nat(2000), fc.nat()).map(([of, right]) => {
  const hits = of === 0 ? 0 : right % (of + 1)
  return { share: of === 0 ? 0 : hits / of, of }
})
/** Two shares of as many, of which no question is in both. */
const apart = fc
  .tuple(share, share)
  .map(([one, other]): readonly [Evaluate.Share, Evaluate.Share] => [
    one,
    { share: Math.min(other.share, 1 - one.share), of: one.of }
  ])
const evidence = fc.record({ all: apart, first: fc.option(apart) }).map(({ all, first }): Evaluate.Evidence => ({
  stays: all[0],
  goes: all[1],
  follows: first?.[0] ?? null,
  keeps: first?.[1] ?? null
}))
const low = ({ of, share }: Evaluate.Share) => wilson(Math.round(share * of), of)[0]
const high = ({ of, share }: Evaluate.Share) => wilson(Math.round(share * of), of)[1]

test("a side is said where intervals are apart, and only there", () => {
  fc.assert(
    fc.property(evidence, (found) => {
      const { follows, goes, keeps, stays } = found
      const { answers, chain, sentence } = verdictOf(found)
      expect(answers === "are decorated").toBe(low(stays) > 0.5)
      expect(answers === "come from latents").toBe(high(stays) < 0.5 && low(goes) > high(stays))
      const both = follows === null || keeps === null ? null : { follows, keeps }
      expect(chain === "goes on").toBe(both !== null && low(both.follows) > high(both.keeps))
      expect(chain === "does not go on").toBe(both !== null && low(both.keeps) > high(both.follows))
      expect(sentence.includes("latents are decoration")).toBe(answers === "are decorated")
      expect(sentence).not.toContain("NaN")
      expect(sentence).not.toContain("undefined")
    })
  )
})

test("the models of which it is known: heavy answer weights, grounded latents, and some that are often wrong", () => {
  const of = 880
  const verdict = (stays: number, goes: number, follows: number | null = null, keeps: number | null = null) =>
    verdictOf({
      stays: { share: stays, of },
      goes: { share: goes, of },
      follows: follows === null ? null : { share: follows, of },
      keeps: keeps === null ? null : { share: keeps, of }
    })
  expect(verdict(0.64, 0.06, 0.1, 0.8).sentence).toBe(
    "answers change little when latents are another question's, 64.0 % of 880 (60.8 to 67.1) stay: latents are decoration"
  )
  expect(verdict(0, 0.99, 0.97, 0.01).sentence).toBe(
    "answers come from the latents: when these are another question's, 99.0 % of 880 (98.1 to 99.5) become its answer and 0.0 % of 880 (0.0 to 0.4) stay, and later latents go on from the first: when the first changes, 97.0 % of 880 (95.7 to 98.0) change as the steps say and 1.0 % of 880 (0.5 to 1.9) stay"
  )
  expect(verdict(0, 0.99, 0.2, 0.7).sentence).toContain("but later latents do not go on from the first")
  expect(verdict(0, 0.99, 0.45, 0.45).sentence).toContain("whether later latents go on from the first cannot be told")
  expect(verdict(0, 0.99).sentence).toContain("whether later latents go on from the first is not known")
  // A model that is right in half of the cases is no less causal for that.
  expect(verdict(0.1, 0.5, 0.47, 0.12)).toMatchObject({ answers: "come from latents", chain: "goes on" })
  // One whose answers fall apart says nothing either way.
  expect(verdict(0.14, 0.15, 0.14, 0.13)).toMatchObject({ answers: "cannot tell", chain: "cannot tell" })
  expect(verdict(0.25, 0.26).sentence).toBe(
    "whether answers come from latents cannot be told: when these are another question's, 26.0 % of 880 (23.2 to 29.0) become its answer and 25.0 % of 880 (22.3 to 28.0) stay"
  )
  const none = { share: 0, of: 0 }
  expect(verdictOf({ stays: none, goes: none, follows: null, keeps: null }).sentence).toContain(
    "no two questions have as many latents and different answers"
  )
})
