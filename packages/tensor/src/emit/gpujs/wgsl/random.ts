/** Threefry in WGSL, bit for bit what `graph/threefry.ts` computes: 32-bit integers do not fit gpu.js's float values. */
import type { Draw, Fold } from "../stage.ts"
import { rowMajor, size } from "../rewrite.ts"
import { sum } from "../text.ts"
import { flatGroups, flatMain, type Shader } from "./shader.ts"

const rotations = [13, 15, 26, 6, 17, 29, 16, 24]

const rounds = Array.from({ length: 20 }, (_, round) => {
  const turn = rotations[round % 8]!
  const mix = `  x = x + y; y = ((y << ${turn}u) | (y >> ${32 - turn}u)) ^ x;`
  if (round % 4 !== 3) return mix
  const injection = (round + 1) / 4
  return `${mix}\n  x = x + key[${injection % 3}]; y = y + key[${(injection + 1) % 3}] + ${injection}u;`
}).join("\n")

const threefry = `fn threefry(k0 : u32, k1 : u32, c0 : u32, c1 : u32) -> vec2<u32> {
  let key = array<u32, 3>(k0, k1, 0x1bd11bdau ^ k0 ^ k1);
  var x = c0 + k0;
  var y = c1 + k1;
${rounds}
  return vec2<u32>(x, y);
}`

const whole = (value: number): string => `${value >>> 0}u`

/** Draws over the axes of a loop. */
export const drawShader = ({ at, axes, domain }: Pick<Draw, "at" | "axes" | "domain">): Shader => {
  const strides = rowMajor(axes)
  const index = (axis: number): string => {
    const over = strides[axis] === 1 ? "at" : `(at / ${strides[axis]}u)`
    return axis === 0 ? over : `(${over} % ${axes[axis]}u)`
  }
  const dense = axes.every((_, axis) => axes[axis] === 1 || at.strides[axis] === strides[axis])
  const counter = dense
    ? sum([[1, "at"]], 0) + (at.offset === 0 ? "" : ` + ${whole(at.offset)}`)
    : axes
        .map((_, axis) => `${index(axis)} * ${whole(at.strides[axis]!)}`)
        .concat(whole(at.offset))
        .join(" + ")
  return {
    groups: flatGroups(size(axes)),
    source: `@group(0) @binding(0) var<storage, read> key_bits : array<u32>;
@group(0) @binding(1) var<storage, read_write> result : array<f32>;
${threefry}
${flatMain(size(axes), `let word = threefry(key_bits[0], key_bits[1], ${counter}, ${whole(domain)}).x;\n  result[at] = f32(word >> 8u) * 0x1p-24;`)}`
  }
}

export const foldShader = ({ data, domain }: Pick<Fold, "data" | "domain">): Shader => {
  const buffered = "buffer" in data
  const counter = buffered ? "data_bits[0]" : whole(data.literal)
  const declaration = buffered ? "@group(0) @binding(1) var<storage, read> data_bits : array<u32>;\n" : ""
  return {
    groups: flatGroups(1),
    source: `@group(0) @binding(0) var<storage, read> key_bits : array<u32>;
${declaration}@group(0) @binding(${buffered ? 2 : 1}) var<storage, read_write> result : array<u32>;
${threefry}
${flatMain(1, `let words = threefry(key_bits[0], key_bits[1], ${counter}, ${whole(domain)});\n  result[0] = words.x;\n  result[1] = words.y;`)}`
  }
}

/** WGSL stops at the largest float below 2^31. */
const saturating = "result[at] = select(i32(source[at]), 2147483647, source[at] >= 0x1p31);"

const conversions = {
  bits: saturating,
  values: "result[at] = f32(source[at]);",
  low: "result[at] = f32(source[at] & 0xffff);",
  high: "result[at] = f32(source[at] >> 16u);"
} as const

/** From whole numbers in floats to 32-bit integers, and from those to floats: whole, or the half of their bits. */
export const convertShader = (to: keyof typeof conversions, length: number): Shader => {
  const [from, into] = to === "bits" ? ["f32", "i32"] : ["i32", "f32"]
  return {
    groups: flatGroups(length),
    source: `@group(0) @binding(0) var<storage, read> source : array<${from}>;
@group(0) @binding(1) var<storage, read_write> result : array<${into}>;
${flatMain(length, conversions[to])}`
  }
}

/** 32-bit integers from their halves. */
export const joinShader = (length: number): Shader => ({
  groups: flatGroups(length),
  source: `@group(0) @binding(0) var<storage, read> low : array<f32>;
@group(0) @binding(1) var<storage, read> high : array<f32>;
@group(0) @binding(2) var<storage, read_write> result : array<i32>;
${flatMain(length, "result[at] = i32(low[at]) | (i32(high[at]) << 16u);")}`
})
