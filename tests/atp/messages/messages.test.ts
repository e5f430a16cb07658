/** What is said about mistakes in methods: by three compilers, a sentence each. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { compilers, diagnosticsOf } from "../../../bench/types/compiler.ts"

const inside = fileURLToPath(new URL("../inside.ts", import.meta.url))
const source = readFileSync(new URL("./mistakes.wrong.ts", import.meta.url), "utf8").replace("../inside.ts", inside)
const lines = source.split("\n")

/** What is to be said of each line of code: the comments right above it. */
const expected = lines.flatMap((line, i) => {
  const from = lines.slice(0, i).findLastIndex((above) => !isSaid(above)) + 1
  return isSaid(line) ? [] : lines.slice(from, i).map((said) => [i + 1, said.trim().slice("//! ".length)] as const)
})

function isSaid(line: string): boolean {
  return line.trim().startsWith("//! ")
}

/**
 * What compilers add to any two types of effect that differ, where `exactOptionalPropertyTypes` is set; docs/programs.md says
 * what to make of it.
 */
const advice =
  " with 'exactOptionalPropertyTypes: true'. Consider adding 'undefined' to the types of the target's properties."
/** Compilers list what a union is made of in orders of their own, and say or do not say where a type comes from. */
const inOrder = (message: string): string =>
  message
    .replaceAll(/\b(?:[A-Z]\w*\.)+(?=[A-Z])/g, "")
    .replaceAll(/[\w"]+(?: \| [\w"]+)+/g, (union) => union.split(" | ").sort().join(" | "))
const withoutAdvice = (message: string): string =>
  message.startsWith("Type 'Effect<") && message.endsWith(advice) ? `${message.slice(0, -advice.length)}.` : message

it.each(compilers)("%s says of every mistake in a method what was expected and what was found", async (compiler) => {
  const diagnostics = await diagnosticsOf({ "mistakes.wrong.ts": source }, compiler)
  expect(diagnostics.map(({ line, message }) => [line, inOrder(withoutAdvice(message))])).toEqual(
    expected.map(([line, said]) => [line, inOrder(said)])
  )
})

it("the mistakes are many, and each is told in one sentence that is whole", () => {
  expect(new Set(expected.map(([line]) => line)).size).toBeGreaterThan(50)
  for (const [, said] of expected) {
    // What was expected is said last; it is never cut short, and never the working of a type.
    const wanted = said.slice(said.lastIndexOf(" type '") + 1)
    expect(wanted).not.toMatch(/\.\.\. |<\.\.\.>|\bextends\b|\binfer\b|Check<|Made<|exactOptional|No overload/)
    expect(wanted.length).toBeLessThan(200)
  }
})

it("docs/atp-latent.md says of mistakes what compilers say of them", () => {
  const page = readFileSync(new URL("../../../docs/atp-latent.md", import.meta.url), "utf8")
  const told = [...page.matchAll(/^```ts wrong\n([^]*?)^```/gm)].flatMap((fence) => fence[1]!.trimEnd().split("\n"))
  expect(told.length).toBeGreaterThan(3)
  for (const line of told) expect(source).toContain(line.split(" // ")[1])
})
