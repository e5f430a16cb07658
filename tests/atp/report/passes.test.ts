/** pass@k as text, for a terminal of 80 columns. */
import { Report } from "@noema/atp"
import fc from "fast-check"
import { expect, test } from "vitest"

const share = fc.double({ min: 0, max: 1, noNaN: true })
const bounds = fc.tuple(share, share)

test("every rate is there once, in its order, on lines of at most 80 signs", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(share, bounds), { minLength: 1, maxLength: 12 }), (rates) => {
      const text = Report.passText({
        name: "atp-latent-rl",
        questions: 200,
        points: rates.map(([mean], i) => [i + 1, mean] as const),
        bounds: rates.map(([, bounds]) => bounds)
      })
      const lines = text.split("\n")
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
      expect([...text.matchAll(/pass@(\d+)/g)].map(([, k]) => Number(k))).toEqual(rates.map((_, i) => i + 1))
      expect(
        lines
          .map((line) => line.trim())
          .join(" ")
          .split(/, (?=pass@)/)
      ).toHaveLength(rates.length)
    })
  )
})
