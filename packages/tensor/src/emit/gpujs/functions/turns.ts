/**
 * sin and cos for shading languages, of any finite argument; WGSL promises 2^-11 within half a turn, and nothing beyond.
 *
 * `turned` takes x apart into quarters of a turn and a rest. Up to 8,192, pi / 2 is four numbers of few bits, whose products
 * with the number of quarters are exact. Beyond, x times 2 / pi is formed in digits of base 4,096, as Payne and Hanek do:
 * the three digits of x (`a`, `b`, `c`) times those digits of 2 / pi that make neither whole turns nor too little to
 * matter, six after the point. Products of two digits are whole numbers below 2^24.
 */

/** Digits of 2 / pi in base 4,096; as many as the largest f32 needs. */
const digits = [
  2607, 2435, 1764, 3652, 338, 2556, 629, 2001, 3923, 1245, 3085, 2914, 2393, 2364, 1081, 65, 4069, 355
] as const

const lookUp = digits.map((digit, i) => `  if (place === ${i + 1}) {\n    return ${digit};\n  }`).join("\n")

/** 1 / 4,096: dividing is not exact everywhere. */
const perDigit = "0.000244140625"

export const turns = {
  turned: `function turned(x, quarters, inf, nan) {
  const size = Math.abs(x);
  if (!(size < inf)) {
    return nan;
  }
  let near = Math.floor(size * 0.636619772 + 0.5);
  let rest = (((size - near * 1.5703125) - near * 0.0004837512969970703) - near * 7.549533620476723e-08) - near * 2.56328292e-12;
  if (size > 8192) {
    let y = size;
    let place = 6;
    for (let i = 0; i < 9; i++) {
      if (y >= 16777216) {
        y = y * ${perDigit};
        place = place + 1;
      }
    }
    const top = Math.floor(y);
    const c = Math.floor(top * ${perDigit});
    const b = top - c * 4096;
    const a = (y - top) * 4096;
    let carry = 0;
    let digit = 0;
    let below = 0;
    let above = 0;
    for (let i = 0; i < 7; i++) {
      below = (below + digit) * ${perDigit};
      above = (above + (4095 - digit)) * ${perDigit};
      const p = a * digitOfTwoOverPi(place - 1);
      const q = b * digitOfTwoOverPi(place);
      const r = c * digitOfTwoOverPi(place + 1);
      const u = Math.floor(p * ${perDigit});
      const v = Math.floor(q * ${perDigit});
      const w = Math.floor(r * ${perDigit});
      const sum = (p - u * 4096) + (q - v * 4096) + (r - w * 4096) + carry;
      const over = Math.floor(sum * ${perDigit});
      digit = sum - over * 4096;
      carry = over + u + v + w;
      place = place - 1;
    }
    near = digit;
    rest = below * 1.57079633;
    if (below >= 0.5) {
      near = digit + 1;
      rest = above * -1.57079633;
    }
  }
  if (x < 0) {
    near = -near;
    rest = -rest;
  }
  const s = rest * rest;
  const quadrant = near + quarters;
  const half = Math.floor(quadrant * 0.5);
  const flips = half - Math.floor(half * 0.5) * 2;
  let result = rest + rest * s * (-0.16666667 + s * (0.0083333310 + s * (-0.00019840874 + s * 0.0000027525562)));
  if (quadrant - half * 2 > 0.5) {
    result = 1 + s * (-0.5 + s * (0.041666668 + s * (-0.0013888397 + s * 0.000024390449)));
  }
  if (flips > 0.5) {
    result = -result;
  }
  return result;
}`,
  digitOfTwoOverPi: `function digitOfTwoOverPi(place) {
${lookUp}
  return 0;
}`
} as const
