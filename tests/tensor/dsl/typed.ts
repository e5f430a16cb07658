/** Examples as one program, for the compiler to check their types. */
import { effectOf, joined, modules, observed, ownOf, sources } from "./doctest.ts"

/** Code to be checked: where it stands, and the file whose own exports it may use. */
export interface Placed {
  readonly where: string
  readonly file?: string
  readonly code: ReadonlyArray<string>
}

const imports = [
  ...Object.entries(sources).map(([from, module]) => `import { ${Object.keys(module).join(", ")} } from "${from}"`),
  ...Object.entries(modules).map(([name, [from]]) => `import * as ${name} from "${from}"`),
  `import type { Dim, Shape } from "@noema/tensor"`,
  "declare const folder: string"
]

const statement = (line: string): string => {
  const found = observed(line)
  if (found === null) return line
  const { expression, how } = found
  if (how === "=>") return `;void (${expression})`
  if (how === "fails") return `;yield* Effect.flip(${effectOf(expression)})`
  return `${how === "refused" ? "// @ts-expect-error\n" : ""};(() => (${expression}))`
}

const place = "// example at "

const whereOf = (line: string): string | null => (line.startsWith(place) ? line.slice(place.length) : null)

/** The examples, each in a function of its own behind a line that says where it stands. */
export const typed = async (examples: ReadonlyArray<Placed>): Promise<string> => {
  const owns = new Set<string>()
  const bodies: Array<string> = []
  const files = [...new Set(examples.flatMap(({ file }) => file ?? []))]
  for (const { code, file, where } of examples) {
    const own = file === undefined ? {} : ownOf((await import(/* @vite-ignore */ file)) as Record<string, unknown>)
    const used = Object.keys(own).filter((name) => new RegExp(`\\b${name}\\b`).test(code.join("\n")))
    const module = `own${files.indexOf(file ?? "")}`
    if (used.length > 0) owns.add(`import * as ${module} from "${file}"`)
    bodies.push(
      `${place}${where}`,
      // Outside of the function, in which an example may have a constant of the same name.
      `{ ${used.length > 0 ? `const { ${used.join(", ")} } = ${module}` : ""}`,
      "Effect.gen(function* () {",
      ...joined(code).map(statement),
      "}) }"
    )
  }
  return [...imports, ...owns, ...bodies].join("\n")
}

/** What a compiler said of the program, as sentences of the examples. */
export const mistakesIn = (program: string, said: string): ReadonlyArray<string> => {
  const lines = program.split("\n")
  return Array.from(said.matchAll(/\((\d+),\d+\): error (.*)/g), ([, at, error]) => {
    const line = Number(at) - 1
    const where = lines.slice(0, line).findLast((each) => whereOf(each) !== null) ?? ""
    return `${whereOf(where)}: ${lines[line]}: ${error}`
  })
}
