/**
 * The error function in float64. Near zero by the series 2/sqrt(pi) exp(-x^2) sum_n 2^n x^(2n+1) / (2n+1)!!, whose
 * terms are all positive (no cancellation); far out by the continued fraction of erfc.
 */
export const erf = (x: number): number => {
  if (Number.isNaN(x)) return NaN
  const size = Math.abs(x)
  return size < 2.5 ? series(x) : Math.sign(x) * (1 - complement(size))
}

const series = (x: number): number => {
  let term = x
  let sum = x
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

/** erfc(x) = exp(-x^2) / sqrt(pi) / (x + (1/2)/(x + 1/(x + (3/2)/(x + ...)))), evaluated from the inside out. */
const complement = (x: number): number => {
  if (x > 27) return 0
  let fraction = x
  for (let n = 60; n >= 1; n--) fraction = x + n / 2 / fraction
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction
}
