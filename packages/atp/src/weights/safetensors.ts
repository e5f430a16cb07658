/**
 * The safetensors format: a length, a JSON header of names, dtypes, shapes and byte ranges, then the bytes. Files come
 * from strangers, so every number in the header is checked against the bytes that are there before anything is allocated.
 */
import type { Program, Tensor } from "@noema/tensor"
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import { parseJson } from "../input/json.ts"
import { quoted } from "../input/shown.ts"

/** An array with its shape, as it lies in a file. `f16` and `bf16` weights are widened to f32 when read. */
export type HostTensor = Pick<Program.HostTensor<ReadonlyArray<number>, Tensor.DType>, "dtype" | "shape" | "data">

/** Named arrays, and what is said of them. */
export interface Weights {
  readonly tensors: ReadonlyMap<string, HostTensor>
  readonly metadata: ReadonlyMap<string, string>
}

/**
 * The bytes are not a safetensors file, or not an honest one.
 *
 * @example
 * const wrong = { where: "header", expected: "8 bytes of header length", found: "2 bytes" }
 * new Weights.MalformedWeights(wrong).message
 * // => "malformed safetensors, header: expected 8 bytes of header length, found 2 bytes"
 */
export class MalformedWeights extends Data.TaggedError("MalformedWeights")<{
  /** Where the bytes came from, if from a file. */
  readonly file?: string
  /** The tensor concerned, or "header". */
  readonly where: string
  readonly expected: string
  readonly found: string
}> {
  override get message(): string {
    return `${this.file === undefined ? "" : `${this.file}: `}malformed safetensors, ${this.where}: expected ${this.expected}, found ${this.found}`
  }
}

/** Names and shapes of some hundred thousand tensors. */
const maxHeaderBytes = 2 ** 24
const maxRank = 32

const stored = { F32: 4, I32: 4, BOOL: 1, F16: 2, BF16: 2 } as const
type Stored = keyof typeof stored

/** How floating-point numbers lie in a file: as they are, or rounded to half the bytes. */
export type Floats = "F16" | "F32"

const count = (shape: ReadonlyArray<number>): number => shape.reduce((product, size) => product * size, 1)

/** The name that the format keeps for what is said of the tensors. */
const metadataName = "__metadata__"

/** The bits of the nearest half, of two as near the even one: what `halfToFloat` reads. */
const floatToHalf = (value: number): number => {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const size = Math.abs(value)
  if (Number.isNaN(size)) return 0x7e00
  if (size >= 65_520) return sign | 0x7c00
  const bits = new Uint32Array(Float32Array.of(size).buffer)[0]!
  const exponent = Math.max(-14, (bits >> 23) - 127)
  const steps = size / 2 ** (exponent - 10)
  const below = Math.floor(steps)
  const isUp = steps - below > 0.5 || (steps - below === 0.5 && below % 2 === 1)
  // A step too many carries into the exponent, where it belongs.
  return sign | (below + (isUp ? 1 : 0) + ((exponent + 14) << 10))
}

/** The same weights as a file of such numbers holds them. */
export const rounded = ({ metadata, tensors }: Weights, floats: Floats): Weights => ({
  metadata,
  tensors: new Map(
    [...tensors].map(([name, tensor]): [string, HostTensor] =>
      floats === "F32" || tensor.dtype !== "f32"
        ? [name, tensor]
        : [name, { ...tensor, data: Float32Array.from(tensor.data, (x) => halfToFloat(floatToHalf(x))) }]
    )
  )
})

/** The array that is written of a tensor, and the name of its elements. */
const laidOut = ({ data, dtype }: HostTensor, floats: Floats) =>
  dtype !== "f32"
    ? { as: dtype === "i32" ? ("I32" as const) : ("BOOL" as const), data }
    : { as: floats, data: floats === "F32" ? data : Uint16Array.from(data, floatToHalf) }

/**
 * The bytes of a file with these tensors, names in sorted order. Sizes must agree with the shapes, and no tensor may have
 * the format's own name `__metadata__`: what could not be read back is a `RangeError`.
 */
export const encode = (weights: Weights, floats: Floats = "F32"): Uint8Array => {
  const names = [...weights.tensors.keys()].sort()
  const header: Array<readonly [name: string, entry: unknown]> = []
  if (weights.metadata.size > 0) header.push([metadataName, Object.fromEntries(weights.metadata)])
  const bodies: Array<ArrayBufferView> = []
  let offset = 0
  for (const name of names) {
    const { data, dtype, shape } = weights.tensors.get(name)!
    if (name === metadataName) throw new RangeError(`a tensor cannot be named ${name}: the format keeps that name`)
    if (data.length !== count(shape)) throw new RangeError(`${name}: ${data.length} values for [${shape.join(",")}]`)
    if (dtype === "bool" && data.some((byte) => byte > 1)) throw new RangeError(`${name}: a bool is 0 or 1`)
    const laid = laidOut(weights.tensors.get(name)!, floats)
    header.push([name, { dtype: laid.as, shape, data_offsets: [offset, offset + laid.data.byteLength] }])
    bodies.push(laid.data)
    offset += laid.data.byteLength
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)))
  if (text.length > maxHeaderBytes)
    throw new RangeError(`${names.length} tensors need ${text.length} bytes of header; readers take ${maxHeaderBytes}`)
  // Tensor bytes begin on a multiple of eight: the format pads its header with spaces.
  const headerBytes = Math.ceil(text.length / 8) * 8
  const file = new Uint8Array(8 + headerBytes + offset).fill(0x20, 8, 8 + headerBytes)
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true)
  file.set(text, 8)
  let at = 8 + headerBytes
  for (const { buffer, byteLength, byteOffset } of bodies) {
    file.set(new Uint8Array(buffer, byteOffset, byteLength), at)
    at += byteLength
  }
  return file
}

const halfToFloat = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/**
 * Copies, since a tensor need not begin on a multiple of its element size. (Not by `slice`: the bytes may be a Node
 * Buffer, whose `slice` is a view.)
 */
const widen = (bytes: Uint8Array, dtype: Stored, shape: ReadonlyArray<number>): HostTensor => {
  const copy = new Uint8Array(bytes)
  if (dtype === "F32") return { dtype: "f32", shape, data: new Float32Array(copy.buffer) }
  if (dtype === "I32") return { dtype: "i32", shape, data: new Int32Array(copy.buffer) }
  if (dtype === "BOOL") return { dtype: "bool", shape, data: copy }
  const halves = new Uint16Array(copy.buffer)
  if (dtype === "F16") return { dtype: "f32", shape, data: Float32Array.from(halves, halfToFloat) }
  const words = new Uint32Array(halves.length)
  halves.forEach((half, i) => (words[i] = half << 16))
  return { dtype: "f32", shape, data: new Float32Array(words.buffer) }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isSize = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0

const cut = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}...` : text)

/** Trees are named and not written out. */
const shown = (value: unknown): string => {
  if (typeof value === "string") return quoted(value)
  if (Array.isArray(value)) return value.every((each) => typeof each === "number") ? cut(`[${value}]`) : "an array"
  return typeof value === "object" && value !== null ? "an object" : cut(JSON.stringify(value) ?? String(value))
}

/** Where the bytes of a tensor are, and what they are. */
interface Range {
  readonly name: string
  readonly begin: number
  readonly end: number
  readonly dtype: Stored
  readonly shape: ReadonlyArray<number>
}

/** The text of a header, which begins with its object: not with spaces, and not with a byte order mark. */
const headerOf = (bytes: Uint8Array): Result.Result<unknown, string> => {
  if (bytes[0] !== 0x7b) return Result.fail("expected an object that begins with {")
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes)
    return Result.mapError(parseJson(text), ({ reason }) => reason)
  } catch {
    return Result.fail("expected text in UTF-8, found bytes that are not")
  }
}

const fieldNames = ["dtype", "shape", "data_offsets"]

/** The tensors in the bytes of a safetensors file, or what is wrong with them. Never throws. */
export const decode = (bytes: Uint8Array): Result.Result<Weights, MalformedWeights> => {
  const wrong = (where: string, expected: string, found: string) =>
    Result.fail(new MalformedWeights({ where, expected, found }))
  if (bytes.length < 8) return wrong("header", "8 bytes of header length", `${bytes.length} bytes`)
  const declared = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)
  const limit = Math.min(maxHeaderBytes, bytes.length - 8)
  if (declared > BigInt(limit)) return wrong("header", `at most ${limit} bytes of header`, `${declared} declared`)
  const headerBytes = Number(declared)
  const parsed = headerOf(bytes.subarray(8, 8 + headerBytes))
  if (Result.isFailure(parsed)) return wrong("header", "a JSON object of tensors", parsed.failure)
  const header = parsed.success as Record<string, unknown>

  const body = bytes.subarray(8 + headerBytes)
  const metadata = new Map<string, string>()
  const tensors = new Map<string, HostTensor>()
  const ranges: Array<Range> = []
  for (const [name, entry] of Object.entries(header)) {
    if (name === metadataName) {
      if (!isRecord(entry)) return wrong("header", "metadata as an object of texts", shown(entry))
      for (const [key, value] of Object.entries(entry)) {
        if (typeof value !== "string") return wrong("header", `metadata ${shown(key)} as text`, shown(value))
        metadata.set(key, value)
      }
      continue
    }
    const where = quoted(name)
    if (!isRecord(entry)) return wrong(where, "an object", shown(entry))
    const other = Object.keys(entry).find((field) => !fieldNames.includes(field))
    if (other !== undefined) return wrong(where, fieldNames.join(", "), shown(other))
    const { data_offsets: offsets, dtype, shape } = entry
    if (typeof dtype !== "string" || !Object.hasOwn(stored, dtype))
      return wrong(where, `a dtype of ${Object.keys(stored).join(", ")}`, shown(dtype))
    if (!Array.isArray(shape) || shape.length > maxRank || !shape.every(isSize))
      return wrong(where, `a shape of at most ${maxRank} sizes`, shown(shape))
    if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize) || offsets[0]! > offsets[1]!)
      return wrong(where, "data_offsets [begin, end]", shown(offsets))
    const [begin, end] = offsets as [number, number]
    if (end > body.length) return wrong(where, `bytes up to ${body.length}`, `bytes up to ${end}`)
    const needed = count(shape) * stored[dtype as Stored]
    if (needed !== end - begin) return wrong(where, `${needed} bytes for ${dtype}[${shape}]`, `${end - begin} bytes`)
    ranges.push({ name, begin, end, dtype: dtype as Stored, shape })
  }
  ranges.sort((a, b) => a.begin - b.begin || a.end - b.end)
  let covered = 0
  for (const { begin, end, name } of ranges) {
    if (begin !== covered)
      return wrong(quoted(name), `data from byte ${covered}, without gap or overlap`, `byte ${begin}`)
    covered = end
  }
  if (covered !== body.length) return wrong("header", `tensors for all ${body.length} bytes`, `${covered} bytes`)
  for (const { begin, dtype, end, name } of ranges) {
    const other = dtype === "BOOL" ? body.subarray(begin, end).find((byte) => byte > 1) : undefined
    if (other !== undefined) return wrong(quoted(name), "bytes 0 and 1 for BOOL", `${other}`)
  }
  // Widening copies, so nothing is allocated until the whole file has proved honest.
  for (const { begin, dtype, end, name, shape } of ranges)
    tensors.set(name, widen(body.subarray(begin, end), dtype, shape))
  return Result.succeed({ tensors, metadata })
}

/** The first tensor by name with a value that is no number or without bound, and that value; null if all are finite. */
export const firstNonFinite = ({ tensors }: Weights): { readonly name: string; readonly value: number } | null => {
  for (const [name, { data, dtype }] of tensors) {
    const value = dtype === "f32" ? (data as Float32Array).find((each) => !Number.isFinite(each)) : undefined
    if (value !== undefined) return { name, value }
  }
  return null
}
