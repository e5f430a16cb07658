/** What the process that runs an exercise tells the one that started it. */

/** A check begins, or does not hold, or something was thrown, or all hold. */
export type Told =
  | { readonly at: number; readonly name: string }
  | { readonly failed: number; readonly said: string; readonly hint: string }
  | { readonly threw: string; readonly line: number | null; readonly hint: string }
  | { readonly done: number }
