import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Safetensors, WeightsFile } from "../inside.ts"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import fc from "fast-check"
import { mkdtempSync, readdirSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 })
const tensors: fc.Arbitrary<Safetensors.HostTensor> = shapes.chain((shape) => {
  const length = shape.reduce((product, size) => product * size, 1)
  const exactly = { minLength: length, maxLength: length }
  return fc.oneof(
    fc.float32Array({ ...exactly, noNaN: true }).map((data) => ({ dtype: "f32" as const, shape, data })),
    fc.int32Array(exactly).map((data) => ({ dtype: "i32" as const, shape, data })),
    fc.uint8Array({ ...exactly, max: 1 }).map((data) => ({ dtype: "bool" as const, shape, data }))
  )
})
const names = fc.oneof(
  fc.string({ minLength: 1, maxLength: 8 }),
  fc.constantFrom("__proto__", "constructor", "\u{1F600}", "0", "")
)
const weights = fc.record({
  tensors: fc.array(fc.tuple(names, tensors), { maxLength: 5 }).map((entries) => new Map(entries)),
  metadata: fc.array(fc.tuple(names, fc.string()), { maxLength: 3 }).map((entries) => new Map(entries))
})

const file = (header: unknown, body = 0, headerBytes?: bigint): Uint8Array => {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + text.length + body)
  new DataView(bytes.buffer).setBigUint64(0, headerBytes ?? BigInt(text.length), true)
  bytes.set(text, 8)
  return bytes
}
const refusal = (bytes: Uint8Array): string => {
  const result = Safetensors.decode(bytes)
  return Result.isFailure(result) ? result.failure.message : "accepted"
}

test("what is written reads back the same", () => {
  fc.assert(
    fc.property(weights, (given) => {
      const read = Result.getOrThrow(Safetensors.decode(Safetensors.encode(given)))
      expect(read.metadata).toEqual(given.metadata)
      expect([...read.tensors].sort()).toEqual([...given.tensors].sort())
    })
  )
})

test("a file of halves holds the nearest ones, and halves as they are", () => {
  const through = (values: Float32Array) => {
    const file = Safetensors.encode(
      { tensors: new Map([["w", { dtype: "f32", shape: [values.length], data: values }]]), metadata: new Map() },
      "F16"
    )
    return Result.getOrThrow(Safetensors.decode(file)).tensors.get("w")!.data as Float32Array
  }
  // All halves there are, from the zeros over those below the normal ones to the largest.
  const halves = Float32Array.from({ length: 0x7c00 }, (_, bits) =>
    bits < 0x400 ? bits * 2 ** -24 : (1 + (bits & 0x3ff) / 1024) * 2 ** ((bits >> 10) - 15)
  )
  expect(through(halves)).toEqual(halves)
  expect(through(halves.map((x) => -x))).toEqual(halves.map((x) => -x))
  fc.assert(
    fc.property(fc.float32Array({ minLength: 1, noNaN: true, min: -65_000, max: 65_000 }), (values) => {
      through(values).forEach((half, i) => {
        const at = halves.findLastIndex((each) => each <= Math.abs(values[i]!))
        const near = [halves[at]!, halves[at + 1]!].map((each) => Math.abs(each - Math.abs(values[i]!)))
        expect(Math.abs(half - values[i]!)).toBe(Math.min(...near))
      })
    })
  )
  expect([...through(Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11, 70_000, -Infinity, NaN))]).toEqual([
    1,
    1 + 2 ** -9,
    Infinity,
    -Infinity,
    NaN
  ])
})

test("what could not be read back is not written", () => {
  const one = (name: string, data: Uint8Array): Safetensors.Weights => ({
    tensors: new Map([[name, { dtype: "bool", shape: [1], data }]]),
    metadata: new Map()
  })
  expect(() => Safetensors.encode(one("__metadata__", Uint8Array.of(1)))).toThrow("the format keeps that name")
  expect(() => Safetensors.encode(one("mask", Uint8Array.of(2)))).toThrow("mask: a bool is 0 or 1")
  expect(() => Safetensors.encode(one("mask", Uint8Array.of(1, 1)))).toThrow("mask: 2 values for [1]")
})

test("any change of a byte in the header, and any bytes at all, are read or refused but never thrown on", () => {
  fc.assert(
    fc.property(weights, fc.nat(), fc.nat(255), (given, at, byte) => {
      const bytes = Safetensors.encode(given)
      bytes[at % Math.min(bytes.length, 200)] = byte
      Safetensors.decode(bytes)
    })
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void Safetensors.decode(bytes)))
})

test("every truncation is refused", () => {
  const bytes = Safetensors.encode({
    tensors: new Map([["w", { dtype: "f32", shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }]]),
    metadata: new Map()
  })
  for (let length = 0; length < bytes.length; length++) expect(refusal(bytes.slice(0, length))).not.toBe("accepted")
})

test("hostile headers are refused before anything is allocated, and say what is wrong", () => {
  const entry = (shape: ReadonlyArray<unknown>, offsets: ReadonlyArray<number>, dtype = "F32") => ({
    dtype,
    shape,
    data_offsets: offsets
  })
  expect(refusal(file({}, 0, 2n ** 63n))).toContain("at most 2 bytes of header, found 9223372036854775808")
  expect(refusal(file("{", 0))).toContain("expected JSON")
  expect(refusal(file([]))).toContain("an object that begins with {")
  expect(refusal(file("\uFEFF{}"))).toContain("an object that begins with {")
  expect(refusal(file(" {}"))).toContain("an object that begins with {")
  expect(refusal(file({ w: entry([2 ** 40], [0, 4]) }, 4))).toContain(`${4 * 2 ** 40} bytes for F32`)
  expect(refusal(file({ w: entry([1], [0, 4]) }, 2))).toContain("expected bytes up to 2")
  expect(refusal(file({ w: entry([-1], [0, 4]) }, 4))).toContain("a shape")
  expect(refusal(file({ w: entry([1.5], [0, 6]) }, 6))).toContain("a shape")
  expect(refusal(file({ w: entry([1], [4, 0]) }, 4))).toContain("data_offsets")
  expect(refusal(file({ w: entry([1], [0, 8], "F64") }, 8))).toContain("a dtype of F32")
  expect(refusal(file({ w: entry([1], [0, 4], "toString") }, 4))).toContain("a dtype of F32")
  expect(refusal(file({ a: entry([1], [0, 4]), b: entry([1], [2, 6]) }, 6))).toContain("without gap or overlap")
  expect(refusal(file({ a: entry([1], [0, 4]), b: entry([1], [8, 12]) }, 12))).toContain("without gap or overlap")
  expect(refusal(file({ a: entry([1], [0, 4]) }, 8))).toContain("tensors for all 8 bytes")
  expect(refusal(file({ __metadata__: { a: 1 } }))).toContain("as text")
  const deep = "[".repeat(5e6) + "]".repeat(5e6)
  expect(refusal(file(`{"w": ${deep}}`))).toContain("at most 64 levels")
  expect(refusal(file({ w: [[]] }))).toContain('"w": expected an object, found an array')
  const twice = '"w": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}'
  expect(refusal(file(`{${twice}, ${twice}}`, 4))).toContain('expected every name once, found "w" twice')
  expect(refusal(file(`{${twice}}`, 4))).toBe("accepted")
  expect(refusal(file({ w: { ...entry([1], [0, 4]), strides: [1] } }, 4))).toContain('offsets, found "strides"')
  const mask = file({ w: entry([2], [0, 2], "BOOL") }, 2)
  expect(refusal(mask)).toBe("accepted")
  expect(refusal(mask.with(mask.length - 1, 2))).toContain("expected bytes 0 and 1 for BOOL, found 2")
})

test("half precision is widened", () => {
  const halves = (dtype: string, words: ReadonlyArray<number>) => {
    const bytes = file({ w: { dtype, shape: [words.length], data_offsets: [0, 2 * words.length] } }, 2 * words.length)
    const view = new DataView(bytes.buffer, bytes.length - 2 * words.length)
    words.forEach((word, i) => view.setUint16(2 * i, word, true))
    return [...Result.getOrThrow(Safetensors.decode(bytes)).tensors.get("w")!.data]
  }
  expect(halves("BF16", [0x3f80, 0xc000, 0x7f80])).toEqual([1, -2, Number.POSITIVE_INFINITY])
  expect(halves("F16", [0x3c00, 0xc000, 0x0001, 0x7c00])).toEqual([1, -2, 2 ** -24, Number.POSITIVE_INFINITY])
})

test("a file is replaced whole, and a folder that is not there leaves nothing behind", async () => {
  const folder = mkdtempSync(join(tmpdir(), "noema-weights-"))
  const run = <A, E>(effect: Effect.Effect<A, E, import("effect/FileSystem").FileSystem>) =>
    Effect.runPromise(Effect.provide(effect, NodeFileSystem.layer))
  const one = (value: number): Safetensors.Weights => ({
    tensors: new Map([["w", { dtype: "f32", shape: [], data: Float32Array.of(value) }]]),
    metadata: new Map()
  })
  const path = join(folder, "model.safetensors")
  await run(WeightsFile.saveWeights(path, one(1)))
  await run(WeightsFile.saveWeights(path, one(2)))
  expect((await run(WeightsFile.loadWeights(path))).tensors.get("w")!.data[0]).toBe(2)
  expect(readdirSync(folder)).toEqual(["model.safetensors"])

  const error = await run(Effect.flip(WeightsFile.saveWeights(join(folder, "no", "model"), one(1))))
  expect(error.message).toContain("was not written")
})
