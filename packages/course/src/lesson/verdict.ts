/** What is said of an exercise. */

/** All is right, or what is not yet, in a sentence, with what helps. */
export type Verdict =
  | { readonly right: true; readonly checked: number }
  | { readonly right: false; readonly said: string; readonly hint: string }

/** That something is not yet right. */
export const wrong = (said: string, hint: string): Verdict => ({ right: false, said, hint })
