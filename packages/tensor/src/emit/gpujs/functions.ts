/**
 * Functions the emitted kernels call, in gpu.js's subset of JavaScript. A kernel carries those that its text names.
 *
 * Accuracy: `erf` is within 5 units in the last place (a Taylor series within 1 of zero, the Chebyshev fit of Numerical
 * Recipes for the complement elsewhere), `hyperbolicTangent` too (a series, then exponentials: drivers lose small values).
 * `turned` is sin and cos by quarters of a turn, taken apart exactly for arguments up to some thousands: WGSL promises
 * 2^-11 only. `power` gives what IEEE 754 says, where GLSL leaves powers of zero and of negative numbers open.
 * `logarithm` is a series near one, where shading languages promise an absolute error of 2^-21 only and a logarithm of a
 * logarithm (Gumbel noise) needs a relative one. Quotients are corrected by their remainder because WGSL division may be
 * off by 2.5 units in the last place.
 */
const sources = {
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
  turned: `function turned(x, quarters) {
  const near = Math.floor(x * 0.636619772 + 0.5);
  const rest = (((x - near * 1.5703125) - near * 0.0004837512969970703) - near * 7.549533620476723e-08) - near * 2.56328292e-12;
  const r = Math.max(-0.79, Math.min(0.79, rest));
  const s = r * r;
  const quadrant = near + quarters;
  const half = Math.floor(quadrant * 0.5);
  const flips = half - Math.floor(half * 0.5) * 2;
  let result = r + r * s * (-0.16666667 + s * (0.0083333310 + s * (-0.00019840874 + s * 0.0000027525562)));
  if (quadrant - half * 2 > 0.5) {
    result = 1 + s * (-0.5 + s * (0.041666668 + s * (-0.0013888397 + s * 0.000024390449)));
  }
  if (flips > 0.5) {
    result = 0 - result;
  }
  return result;
}`,
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
  logarithm: `function logarithm(x) {
  const r = x - 1;
  if (Math.abs(r) < 0.25) {
    const s = r / (2 + r);
    const q = s * s;
    return 2 * s + 2 * s * q * (0.333333333 + q * (0.2 + q * (0.142857143 + q * (0.111111111 + q * 0.0909090909))));
  }
  return Math.log(x);
}`,
  power: `function power(x, y) {
  if (y === 0 || x === 1) {
    return 1;
  }
  const whole = Math.floor(y);
  const half = Math.floor(whole * 0.5);
  if (x === 0 && y < 0) {
    if (whole === y && whole - half * 2 > 0.5) {
      return 1 / x;
    }
    return 1 / Math.abs(x);
  }
  if (x < 0 && whole === y) {
    let size = Math.pow(-x, y);
    if (x === -1) {
      size = 1;
    }
    if (whole - half * 2 > 0.5) {
      return -size;
    }
    return size;
  }
  return Math.pow(x, y);
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
  floatRemainder: `function floatRemainder(x, y) {
  const q = Math.abs(y);
  const p = Math.abs(x);
  if (p < q) {
    return x;
  }
  const near = Math.floor(p / q);
  let rest = p - near * q;
  if (rest < 0) {
    rest = rest + q;
  }
  if (rest >= q) {
    rest = rest - q;
  }
  return x < 0 ? -rest : rest;
}`,
  toInteger: `function toInteger(x) {
  if (x !== x) {
    return 0;
  }
  const size = Math.min(2147483648, Math.floor(Math.abs(x)));
  return x < 0 ? -size : size;
}`
} as const

type Name = keyof typeof sources

const names = Object.keys(sources) as ReadonlyArray<Name>

/** The functions that `text` calls, and those that they call. */
export const calledFrom = (text: string): ReadonlyArray<string> => {
  const called = new Set<Name>()
  const visit = (source: string): void => {
    for (const name of names)
      if (!called.has(name) && new RegExp(`\\b${name}\\(`).test(source)) {
        called.add(name)
        visit(sources[name])
      }
  }
  visit(text)
  return names.filter((name) => called.has(name)).map((name) => sources[name])
}
