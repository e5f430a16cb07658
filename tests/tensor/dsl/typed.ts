/** Examples as one program, for the compiler to check their types. */
import { readFileSync } from "node:fs"
import { effectOf, examplesIn, joined, modules, observed, ownOf, sources } from "./doctest.ts"

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
  return how === "throws" ? `;(() => (${expression}))` : `;yield* Effect.flip(${effectOf(expression)})`
}

/** The examples of files, each in a function of its own behind a line that says where it stands. */
export const typed = async (files: ReadonlyArray<string>): Promise<string> => {
  const owns: Array<string> = []
  const bodies: Array<string> = []
  for (const [at, file] of files.entries()) {
    const examples = examplesIn(readFileSync(file, "utf8"))
    if (examples.length === 0) continue
    const own = Object.keys(ownOf((await import(/* @vite-ignore */ file)) as Record<string, unknown>))
    for (const { code, line } of examples) {
      const used = own.filter((name) => new RegExp(`\\b${name}\\b`).test(code.join("\n")))
      if (used.length > 0) owns.push(`import * as own${at} from "${file}"`)
      bodies.push(
        `// ${file}:${line}`,
        // Outside of the function, in which an example may have a constant of the same name.
        `{ ${used.length > 0 ? `const { ${used.join(", ")} } = own${at}` : ""}`,
        "Effect.gen(function* () {",
        ...joined(code).map(statement),
        "}) }"
      )
    }
  }
  return [...imports, ...new Set(owns), ...bodies].join("\n")
}
