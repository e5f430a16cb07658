/** What is said of an exercise. */
import type { Plot } from "../plot/plot.ts"

/** All is right, with what is drawn of it, or what is not yet, in a sentence, with what helps. */
export type Verdict =
  | { readonly right: true; readonly checked: number; readonly plot: Plot | null }
  | { readonly right: false; readonly said: string; readonly hint: string }

/** That something is not yet right. */
export const wrong = (said: string, hint: string): Verdict => ({ right: false, said, hint })
