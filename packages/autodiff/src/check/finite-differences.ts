/** Central differences in float64, with an estimate of how far they can be trusted. */

/** A derivative measured from values of a function. */
export interface Slope {
  readonly value: number
  /** How much the estimate moved when the step was halved: large near a kink or where rounding dominates. */
  readonly uncertainty: number
}

/**
 * The derivative of `along` at 0, by two central differences and Richardson's extrapolation: the error is of fourth
 * order in the step where the function is smooth.
 */
export const slopeAtZero = (along: (t: number) => number, step: number): Slope => {
  const central = (h: number): number => (along(h) - along(-h)) / (2 * h)
  const [wide, narrow] = [central(step), central(step / 2)]
  return { value: narrow + (narrow - wide) / 3, uncertainty: Math.abs(narrow - wide) }
}
