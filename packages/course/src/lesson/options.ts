/** How exercises are compiled, by the course and by the learner's editor. */
import { join } from "node:path"
import { fromSource, packageFolder } from "../place.ts"

/** Options of the compiler: those of a project that `npm create noema` makes; in a clone packages resolve to their sources. */
export const compilerOptions = {
  target: "ES2024",
  lib: ["ES2024", "ESNext.Disposable", "DOM"],
  module: "NodeNext",
  moduleResolution: "NodeNext",
  strict: true,
  exactOptionalPropertyTypes: true,
  allowImportingTsExtensions: true,
  erasableSyntaxOnly: true,
  verbatimModuleSyntax: true,
  skipLibCheck: true,
  noEmit: true,
  ...(fromSource
    ? {
        customConditions: ["@noema/source"],
        types: ["node"],
        typeRoots: [join(packageFolder, "../../node_modules/@types")]
      }
    : { types: [] })
} as const
