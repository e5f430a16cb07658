/** What a package exports, name by name, and where each is declared: read off its sources as they are written. */
import ts from "typescript-6.0"
import { readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { root } from "./sources.ts"

/** A value or a type that users see; a class is a value. */
export interface Exported {
  readonly kind: "type" | "value"
  /** As they write it: `Reinforce.Clip.dual`. */
  readonly name: string
  readonly file: string
  readonly line: number
  /** The text above it; empty without one. */
  readonly docstring: string
}

const parsed = new Map<string, ts.SourceFile>()
const sourceOf = (file: string): ts.SourceFile => {
  const known = parsed.get(file)
  if (known !== undefined) return known
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true)
  parsed.set(file, source)
  return source
}

const isExported = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)

const docstringOf = (node: ts.Node): string =>
  (ts.getJSDocCommentsAndTags(node) as ReadonlyArray<ts.Node>)
    .filter(ts.isJSDoc)
    .map((each) => each.getText())
    .join("\n")

/** What a file declares and exports itself; of overloads the first, which has the docstring. */
const declaredIn = (file: string): ReadonlyArray<Exported> => {
  const source = sourceOf(file)
  const found = new Map<string, Exported>()
  const say = (name: string, node: ts.Node, kind: Exported["kind"] = "value") => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source))
    const where = { file: relative(root, file), line: line + 1 }
    if (!found.has(`${kind} ${name}`))
      found.set(`${kind} ${name}`, { name, kind, ...where, docstring: docstringOf(node) })
  }
  for (const node of source.statements.filter(isExported)) {
    if (ts.isVariableStatement(node))
      for (const { name } of node.declarationList.declarations) say(name.getText(source), node)
    if ((ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) && node.name !== undefined)
      say(node.name.text, node)
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) say(node.name.text, node, "type")
  }
  return [...found.values()]
}

/** What a module exports, by what it is called from outside. */
const exportedFrom = (file: string): ReadonlyArray<Exported> => {
  const source = sourceOf(file)
  const others = source.statements.filter(ts.isExportDeclaration).flatMap((node): ReadonlyArray<Exported> => {
    const { exportClause: clause, isTypeOnly, moduleSpecifier } = node
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return []
    const all = exportedFrom(join(dirname(file), moduleSpecifier.text))
    const isSeen = ({ kind }: Exported, typesOnly: boolean) => kind === "type" || !typesOnly
    if (clause === undefined) return all.filter((each) => isSeen(each, isTypeOnly))
    if (ts.isNamespaceExport(clause)) return all.map((each) => ({ ...each, name: `${clause.name.text}.${each.name}` }))
    return clause.elements.flatMap((element) =>
      all
        .filter((each) => each.name === (element.propertyName ?? element.name).text)
        .filter((each) => isSeen(each, isTypeOnly || element.isTypeOnly))
        .map((each) => ({ ...each, name: element.name.text }))
    )
  })
  return [...declaredIn(file), ...others]
}

/** What a package exports. */
export const exportsOf = (name: string): ReadonlyArray<Exported> =>
  exportedFrom(join(root, `packages/${name}/src/index.ts`))
