/** Multinomial logistic regression, as a linear probe is: small, deterministic, and with nothing to be tuned. */

/** Rows of features with a class each. */
export interface Labelled {
  /** [rows, width]. */
  readonly features: Float64Array
  readonly width: number
  /** A class from 0 on for every row. */
  readonly labels: Int32Array
}

/** Weights on features that are centred and scaled as those that it was fitted on. */
export interface Classifier {
  readonly classes: number
  readonly centre: Float64Array
  readonly scale: Float64Array
  /** [width + 1, classes]; the last row is the offset. */
  readonly weights: Float64Array
}

/** The lower triangle L of a positive definite matrix, L Lᵀ = A, in place. */
const cholesky = (a: Float64Array, size: number): void => {
  for (let column = 0; column < size; column++)
    for (let row = column; row < size; row++) {
      let sum = a[row * size + column]!
      for (let k = 0; k < column; k++) sum -= a[row * size + k]! * a[column * size + k]!
      a[row * size + column] = row === column ? Math.sqrt(sum) : sum / a[column * size + column]!
    }
}

/** Solves L Lᵀ x = b for every column of b, [size, columns], in place. */
const solve = (lower: Float64Array, size: number, b: Float64Array, columns: number): void => {
  for (let row = 0; row < size; row++)
    for (let column = 0; column < columns; column++) {
      let sum = b[row * columns + column]!
      for (let k = 0; k < row; k++) sum -= lower[row * size + k]! * b[k * columns + column]!
      b[row * columns + column] = sum / lower[row * size + row]!
    }
  for (let row = size - 1; row >= 0; row--)
    for (let column = 0; column < columns; column++) {
      let sum = b[row * columns + column]!
      for (let k = row + 1; k < size; k++) sum -= lower[k * size + row]! * b[k * columns + column]!
      b[row * columns + column] = sum / lower[row * size + row]!
    }
}

/** Features as a classifier takes them, with a 1 behind each row. */
const standardised = (
  { features, width }: Pick<Labelled, "features" | "width">,
  { centre, scale }: Pick<Classifier, "centre" | "scale">
): Float64Array => {
  const rows = width === 0 ? 0 : features.length / width
  const out = new Float64Array(rows * (width + 1))
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < width; j++) out[row * (width + 1) + j] = (features[row * width + j]! - centre[j]!) / scale[j]!
    out[row * (width + 1) + width] = 1
  }
  return out
}

/** Logits of standardised features, [rows, classes]. */
const logitsOf = (x: Float64Array, size: number, weights: Float64Array, classes: number): Float64Array => {
  const rows = x.length / size
  const out = new Float64Array(rows * classes)
  for (let row = 0; row < rows; row++)
    for (let j = 0; j < size; j++) {
      const value = x[row * size + j]!
      for (let k = 0; k < classes; k++) out[row * classes + k]! += value * weights[j * classes + k]!
    }
  return out
}

/** Turns logits into probabilities less the classes that are there, in place. */
const lessLabels = (logits: Float64Array, labels: Int32Array, classes: number): void => {
  for (let row = 0; row < labels.length; row++) {
    const at = row * classes
    let most = Number.NEGATIVE_INFINITY
    for (let k = 0; k < classes; k++) most = Math.max(most, logits[at + k]!)
    let sum = 0
    for (let k = 0; k < classes; k++) sum += logits[at + k] = Math.exp(logits[at + k]! - most)
    for (let k = 0; k < classes; k++) logits[at + k]! /= sum
    logits[at + labels[row]!]! -= 1
  }
}

/**
 * Fits cross-entropy with a ridge of `penalty` on the weights of standardised features. Every step minimises the quadratic
 * function that lies above the loss everywhere, with half of XᵀX for its curvature (Böhning, 1992): it never climbs, and
 * needs no rate.
 */
export const fitted = (
  labelled: Labelled,
  classes: number,
  { penalty = 1, steps = 60 }: { readonly penalty?: number; readonly steps?: number } = {}
): Classifier => {
  const { features, labels, width } = labelled
  const rows = labels.length
  const [centre, scale] = [new Float64Array(width), new Float64Array(width)]
  for (let row = 0; row < rows; row++) for (let j = 0; j < width; j++) centre[j]! += features[row * width + j]! / rows
  for (let row = 0; row < rows; row++)
    for (let j = 0; j < width; j++) scale[j]! += (features[row * width + j]! - centre[j]!) ** 2 / rows
  for (let j = 0; j < width; j++) {
    const deviation = Math.sqrt(scale[j]!)
    // What varies by rounding alone says nothing, and is not to be made to.
    scale[j] = deviation > 1e-6 * Math.abs(centre[j]!) ? deviation : 1
  }
  const size = width + 1
  const x = standardised(labelled, { centre, scale })
  const curvature = new Float64Array(size * size)
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < size; i++)
      for (let j = 0; j <= i; j++) curvature[i * size + j]! += (x[row * size + i]! * x[row * size + j]!) / 2
  for (let i = 0; i < size; i++) curvature[i * size + i]! += penalty
  cholesky(curvature, size)
  const weights = new Float64Array(size * classes)
  const step = new Float64Array(size * classes)
  for (let made = 0; made < steps; made++) {
    const errors = logitsOf(x, size, weights, classes)
    lessLabels(errors, labels, classes)
    for (let at = 0; at < step.length; at++) step[at] = penalty * weights[at]!
    for (let row = 0; row < rows; row++)
      for (let j = 0; j < size; j++) {
        const value = x[row * size + j]!
        for (let k = 0; k < classes; k++) step[j * classes + k]! += value * errors[row * classes + k]!
      }
    solve(curvature, size, step, classes)
    for (let at = 0; at < step.length; at++) weights[at]! -= step[at]!
  }
  return { classes, centre, scale, weights }
}

/** The likeliest class of every row; of equals the first. */
export const classified = (
  { classes, weights, ...as }: Classifier,
  rows: Pick<Labelled, "features" | "width">
): Int32Array => {
  const logits = logitsOf(standardised(rows, as), rows.width + 1, weights, classes)
  return Int32Array.from({ length: logits.length / classes }, (_, row) => {
    let best = 0
    for (let k = 1; k < classes; k++) if (logits[row * classes + k]! > logits[row * classes + best]!) best = k
    return best
  })
}
