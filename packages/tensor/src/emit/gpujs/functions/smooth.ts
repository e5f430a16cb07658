/**
 * Functions from floats to floats, in gpu.js's subset of JavaScript.
 *
 * `erf` is within 5 units in the last place (a Taylor series within 1 of zero, the Chebyshev fit of Numerical Recipes for
 * the complement elsewhere). The others are for shading languages. `hyperbolicTangent` is a series, then exponentials:
 * drivers lose small values. `logarithm` is a series near one, where those languages promise an absolute error of 2^-21
 * only and a logarithm of a logarithm (Gumbel noise) needs a relative one. `power` gives what IEEE 754 says. All give NaN
 * where it is due; drivers take a NaN, and a number that a function is not defined for, for what its bits look like.
 */
export const smooth = {
  erf: `function erf(x) {
  const size = Math.abs(x);
  if (size < 1) {
    const s = x * x;
    let p = 1.48071928e-08;
    p = p * s - 1.63658447e-07;
    p = p * s + 1.64621144e-06;
    p = p * s - 1.49256504e-05;
    p = p * s + 0.00012055333;
    p = p * s - 0.000854832702;
    p = p * s + 0.00522397763;
    p = p * s - 0.0268661706;
    p = p * s + 0.112837917;
    p = p * s - 0.376126389;
    p = p * s + 1.12837917;
    return x * p;
  }
  const t = 1 / (1 + 0.5 * size);
  let p = 0.17087277;
  p = p * t - 0.82215223;
  p = p * t + 1.48851587;
  p = p * t - 1.13520398;
  p = p * t + 0.27886807;
  p = p * t - 0.18628806;
  p = p * t + 0.09678418;
  p = p * t + 0.37409196;
  p = p * t + 1.00002368;
  p = p * t - 1.26551223;
  const tail = t * Math.exp(p - size * size);
  return x < 0 ? tail - 1 : 1 - tail;
}`,
  hyperbolicTangent: `function hyperbolicTangent(x) {
  if (!(x === x)) {
    return x;
  }
  const size = Math.abs(x);
  if (size < 0.5) {
    const s = x * x;
    let p = 0.00359212804;
    p = p * s - 0.00886323553;
    p = p * s + 0.0218694885;
    p = p * s - 0.053968254;
    p = p * s + 0.133333333;
    p = p * s - 0.333333333;
    p = p * s + 1;
    return x * p;
  }
  const t = 1 - 2 / (Math.exp(Math.min(40, 2 * size)) + 1);
  return x < 0 ? -t : t;
}`,
  exponential: `function exponential(x) {
  if (x === x) {
    return Math.exp(x);
  }
  return x;
}`,
  logarithm: `function logarithm(x, inf, nan) {
  if (x === 0) {
    return -inf;
  }
  if (!(x > 0)) {
    return nan;
  }
  if (x === inf) {
    return inf;
  }
  const r = x - 1;
  if (Math.abs(r) < 0.25) {
    const s = r / (2 + r);
    const q = s * s;
    return 2 * s + 2 * s * q * (0.333333333 + q * (0.2 + q * (0.142857143 + q * (0.111111111 + q * 0.0909090909))));
  }
  return Math.log(x);
}`,
  power: `function power(x, y, inf, nan) {
  if (y === 0 || x === 1) {
    return 1;
  }
  if (!(x === x) || !(y === y)) {
    return nan;
  }
  const size = Math.abs(x);
  const whole = Math.floor(y);
  const half = Math.floor(whole * 0.5);
  let result = 0;
  if (x < 0 && whole < y && size < inf) {
    return nan;
  } else if (size === 1) {
    result = 1;
  } else if (size === 0) {
    if (y < 0) {
      result = inf;
    }
  } else if (size === inf) {
    if (y > 0) {
      result = inf;
    }
  } else if (y === inf) {
    if (size > 1) {
      result = inf;
    }
  } else if (y === -inf) {
    if (size < 1) {
      result = inf;
    }
  } else {
    result = Math.pow(size, y);
  }
  if (whole === y && whole - half * 2 > 0.5) {
    if (x < 0 || (x === 0 && 1 / x < 0)) {
      return -result;
    }
  }
  return result;
}`
} as const
