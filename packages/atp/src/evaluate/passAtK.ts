/**
 * The unbiased estimate of pass@k from `n` attempts of which `correct` were right: 1 - C(n-c, k) / C(n, k), the chance
 * that k attempts drawn from the n hold a right one (arXiv 2107.03374, equation 1). Throws unless 1 <= k <= n.
 *
 * @example
 * Evaluate.passAtK(4, 1, 1) // => 0.25
 * Evaluate.passAtK(4, 1, 2) // => 0.5
 * Evaluate.passAtK(4, 1, 5) // throws pass@5 cannot be estimated from 1 right of 4 attempts
 */
export const passAtK = (n: number, correct: number, k: number): number => {
  if (!(k >= 1 && k <= n && correct >= 0 && correct <= n))
    throw new RangeError(`pass@${k} cannot be estimated from ${correct} right of ${n} attempts`)
  if (n - correct < k) return 1
  let none = 1
  for (let i = n - correct + 1; i <= n; i++) none *= 1 - k / i
  return 1 - none
}
