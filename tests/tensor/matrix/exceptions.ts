/** The cases that go beyond 2^24 in i32, which gpu.js has only as 32-bit floats; `tests/tensor/gpujs` stays below. */
export const wholeNumbersAreFloats: Readonly<Record<string, string>> = Object.fromEntries(
  ["neg", "abs", "add", "sub", "mul", "div", "rem", "pow", "max", "min", "cumsum"]
    .concat(["reduce sum", "reduce max", "reduce min"])
    .map((name) => `${name} (i32)`)
    .map((name) => [name, "i32 is exact up to 2^24 only"])
)
