/** The options of a config as help shows them: every path that `--set` takes, with its default. */
import * as Effect from "effect/Effect"
import * as SchemaAST from "effect/SchemaAST"
import { decodeConfig, RunConfig } from "../train/config.ts"

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const leavesOf = (value: unknown, path: string): ReadonlyArray<string> =>
  isTree(value)
    ? Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, path === "" ? name : `${path}.${name}`))
    : [`${path}=${typeof value === "string" ? value : JSON.stringify(value)}`]

/** Paths below a section of the config that have no default: what they are is up to what is learnt. */
const openOf = (ast: SchemaAST.AST, path: string): ReadonlyArray<string> => {
  if (SchemaAST.isDeclaration(ast)) return ast.typeParameters.flatMap((inner) => openOf(inner, path))
  if (!SchemaAST.isObjects(ast)) return []
  return ast.propertySignatures.flatMap(({ name, type }) => {
    const here = `${path}.${String(name)}`
    return SchemaAST.isOptional(type) ? [`${here}=...`] : openOf(type, here)
  })
}

/** Words in lines of at most so many signs. */
const wrapped = (words: ReadonlyArray<string>, most: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** The lines of help about `--set`: paths and defaults, those of a section together. */
export const pathLines = (): ReadonlyArray<string> => {
  const config = Effect.runSync(decodeConfig({}))
  const fields: Readonly<Record<string, { readonly ast: SchemaAST.AST }>> = RunConfig.fields
  const paths = Object.entries(config).map(([name, value]) => [
    ...leavesOf(value, name),
    ...openOf(SchemaAST.toType(fields[name]!.ast), name)
  ])
  const single = paths.filter((section) => section.length === 1).flat()
  const sections = [single, ...paths.filter((section) => section.length > 1)]
  return sections.flatMap((section) => wrapped(section, 78))
}
