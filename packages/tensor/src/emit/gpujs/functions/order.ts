/**
 * Comparisons that know NaN, for shading languages: their own `max`, `min` and `sign` lose it, and so does `!=`, so that a
 * NaN is told by what is not equal to itself.
 */
export const order = {
  larger: `function larger(x, y) {
  if (y <= x) {
    return x;
  }
  if (x === x) {
    return y;
  }
  return x;
}`,
  smaller: `function smaller(x, y) {
  if (x <= y) {
    return x;
  }
  if (x === x) {
    return y;
  }
  return x;
}`,
  signOf: `function signOf(x) {
  if (x > 0) {
    return 1;
  }
  if (x < 0) {
    return -1;
  }
  return x;
}`
} as const
