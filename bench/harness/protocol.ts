/**
 * How the benchmark talks to a process that measures itself: one JSON value a line on standard input, and replies on
 * standard output after a mark, so that what libraries print is not taken for a reply.
 */
import type { Case } from "./cases.ts"
import type { Sample } from "./measure.ts"

export const mark = "@@ "

export type Request =
  | { readonly ask: "prepare"; readonly case: Case }
  | { readonly ask: "measure"; readonly calls: number }

export type Reply =
  /** Sent once, unasked. */
  | { readonly is: "ready"; readonly version: string }
  | { readonly is: "prepared"; readonly meanAbs: number }
  | { readonly is: "sample"; readonly sample: Sample }
  /** This case cannot be run, or went wrong; the process lives on. */
  | { readonly is: "refused"; readonly reason: string }
