import fc from "fast-check"
import { expect, test } from "vitest"
import { printable } from "../../../packages/atp/src/cli/sentence.ts"

test("a terminal obeys nothing in what is said, lines stay lines, and no line is without end", () => {
  const text = fc.string({ unit: "binary", maxLength: 50 })
  fc.assert(
    fc.property(text, fc.nat(3000), (text, times) => {
      const said = printable(`${text.repeat(times)}\n${text}`)
      expect(said).not.toMatch(/[^\n\P{Cc}]|[\p{Cf}\p{Zl}\p{Zp}]/u)
      const lines = said.split("\n")
      expect(lines.length).toBe(`${text.repeat(times)}\n${text}`.split("\n").length)
      // The longest escape stands for two units of text.
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(2000 * 10)
    })
  )
  expect(printable("a\u001B[2Jb\n\tc")).toBe("a\\u{1b}[2Jb\n\\u{9}c")
  expect(printable("x".repeat(1e6))).toBe(`${"x".repeat(2000)}... (1000000 signs)`)
})
