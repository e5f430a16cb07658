import { valueAndGradWith } from "@noema/autodiff"
import type { Reals } from "./graph.ts"

/**
 * The gradient of a loss over a tree of parameters, with whatever else the loss reports. It has the type of the tree.
 *
 * (`valueAndGradWith` wants to see in the type that a loss is one number, and a loss over sizes that come from a config does
 * not show it; it is checked when the function is traced.)
 */
export const gradientWith = valueAndGradWith as unknown as <P, R>(
  loss: (parameters: P) => readonly [loss: Reals, report: R]
) => (parameters: P) => { readonly gradient: P; readonly report: R }
