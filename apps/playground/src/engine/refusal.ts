/** Something that was asked for cannot be done; one sentence says why. */
export class Refusal extends Error {
  readonly _tag = "Refusal"
}
