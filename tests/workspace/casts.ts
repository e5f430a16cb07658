/** Finds, with the compiler, where sources step round the types of tensors. */
import ts from "typescript-6.0"
import { join, relative } from "node:path"
import { root } from "./sources.ts"

/** A place where the compiler is not asked, and how it is written. */
export interface Escape {
  readonly file: string
  readonly line: number
  readonly kind: "cast" | "any" | "internal"
  readonly code: string
}

/** What stands for a shape: a tensor, a specification, or the values of one on the host. */
const shaped = new Set(["Tensor", "Spec", "HostTensor", "NDArray", "AnyHostTensor"])

/** What builds nodes of the graph without looking at axes. */
const builders = new Set(["node", "fromNode", "fromRule"])

/** Entry points of the tensor package that are its own stations. */
const stations = /^@noema\/tensor\/(?!tree$)|^@noema\/[a-z]+\/(?:src|dist)\b|packages\/tensor\//

const escapesOfFile = (file: ts.SourceFile, checker: ts.TypeChecker): ReadonlyArray<Escape> => {
  const found: Array<Escape> = []
  const say = (kind: Escape["kind"], node: ts.Node) =>
    found.push({
      file: relative(root, file.fileName),
      line: file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1,
      kind,
      code: node.getText(file).replaceAll(/\s+/g, " ")
    })
  const visit = (node: ts.Node): void => {
    if ((ts.isAsExpression(node) || ts.isTypeAssertionExpression(node)) && !ts.isConstTypeReference(node.type)) {
      const type = checker.getTypeFromTypeNode(node.type)
      const given = [type, ...type.getCallSignatures().map((each) => each.getReturnType())]
      if (given.some((each) => hides(each, checker))) say("cast", node)
    }
    if (node.kind === ts.SyntaxKind.AnyKeyword) say("any", node.parent)
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      const from = node.moduleSpecifier
      if (from !== undefined && ts.isStringLiteral(from) && stations.test(from.text)) say("internal", node)
    }
    if (ts.isPropertyAccessExpression(node) && builders.has(node.name.text)) {
      const of = checker.getTypeAtLocation(node.expression)
      if (node.name.text !== "node" || hasShape(of, checker)) say("internal", node)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

const isOpen = ({ flags }: ts.Type): boolean =>
  (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Never)) !== 0

/** Whether anything may be what is cast to, or something that has a shape. */
const hides = (type: ts.Type, checker: ts.TypeChecker): boolean => {
  const known = type.isTypeParameter() ? checker.getBaseConstraintOfType(type) : type
  return known === undefined || isOpen(known) || hasShape(known, checker)
}

/** Whether a type has a shape in it: itself, or in what it is made of, functions and types of others apart. */
const hasShape = (type: ts.Type, checker: ts.TypeChecker, seen = new Set<ts.Type>()): boolean => {
  if (seen.has(type)) return false
  seen.add(type)
  const inner = (each: ts.Type) => hasShape(each, checker, seen)
  if (shaped.has(type.getSymbol()?.name ?? "")) return true
  if (type.isUnionOrIntersection()) return type.types.some(inner)
  if (checker.isArrayType(type) || checker.isTupleType(type))
    return checker.getTypeArguments(type as ts.TypeReference).some(inner)
  const foreign = type.getSymbol()?.declarations?.some((each) => /node_modules/.test(each.getSourceFile().fileName))
  if ((type.flags & ts.TypeFlags.Object) === 0 || type.getCallSignatures().length > 0 || foreign) return false
  const indexed = type.getStringIndexType()
  const parts = indexed === undefined ? type.getProperties().map((each) => checker.getTypeOfSymbol(each)) : [indexed]
  return parts.some(inner)
}

/** Where these files step round the types of tensors. */
export const escapesOf = (paths: ReadonlyArray<string>): ReadonlyArray<Escape> => {
  const files = paths.map((path) => join(root, path))
  const { config } = ts.readConfigFile(join(root, "tests/tsconfig.json"), (path) => ts.sys.readFile(path))
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, join(root, "tests"))
  const program = ts.createProgram(files, options)
  const checker = program.getTypeChecker()
  return files.flatMap((file) => escapesOfFile(program.getSourceFile(file)!, checker))
}
