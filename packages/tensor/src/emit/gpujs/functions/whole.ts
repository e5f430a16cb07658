/**
 * Whole numbers and remainders, in gpu.js's subset of JavaScript. Quotients are corrected by their remainder because WGSL
 * division may be off by 2.5 units in the last place. `floatRemainder` is long division in base two: every step is exact.
 */
export const whole = {
  roundHalfToEven: `function roundHalfToEven(x) {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest < 0.5) {
    return low;
  }
  if (rest > 0.5) {
    return low + 1;
  }
  const half = Math.floor(low * 0.5);
  return low - half * 2 < 0.5 ? low : low + 1;
}`,
  wholePower: `function wholePower(x, y) {
  let result = 1;
  let square = x;
  let left = Math.abs(y);
  for (let i = 0; i < 31; i++) {
    const half = Math.floor(left * 0.5);
    if (left - half * 2 > 0.5) {
      result = result * square;
    }
    square = square * square;
    left = half;
  }
  if (y < 0 && Math.abs(x) !== 1) {
    return 0;
  }
  return result;
}`,
  quotient: `function quotient(x, y) {
  if (y === 0) {
    return 0;
  }
  const p = Math.abs(x);
  const q = Math.abs(y);
  const near = Math.floor(p / q);
  const rest = p - near * q;
  let result = near;
  if (rest < 0) {
    result = near - 1;
  }
  if (rest >= q) {
    result = near + 1;
  }
  return (x < 0) === (y < 0) ? result : -result;
}`,
  remainder: `function remainder(x, y) {
  if (y === 0) {
    return 0;
  }
  return x - quotient(x, y) * y;
}`,
  floatRemainder: `function floatRemainder(x, y, inf, nan) {
  const size = Math.abs(y);
  let left = Math.abs(x);
  if (!(left < inf) || !(size > 0)) {
    return nan;
  }
  let step = size;
  for (let i = 0; i < 280; i++) {
    if (step > left * 0.5) {
      break;
    }
    step = step * 2;
  }
  for (let i = 0; i < 280; i++) {
    if (left >= step) {
      left = left - step;
    }
    step = step * 0.5;
    if (step < size) {
      break;
    }
  }
  return x < 0 ? -left : left;
}`,
  toInteger: `function toInteger(x) {
  if (!(x === x)) {
    return 0;
  }
  const size = Math.min(2147483648, Math.floor(Math.abs(x)));
  return x < 0 ? -size : size;
}`
} as const
