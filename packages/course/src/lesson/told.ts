/** What the process that runs an exercise tells the one that started it. */
import type { Plot } from "../plot/plot.ts"

/** A check begins, or does not hold, or something was thrown, or all hold, with what is drawn of the exercise. */
export type Told =
  | { readonly at: number; readonly name: string }
  | { readonly failed: number; readonly said: string; readonly hint: string }
  | { readonly threw: string; readonly line: number | null; readonly hint: string }
  | { readonly done: number; readonly plot: Plot | null }
