/** Some cases of each reader; `npm run fuzz:files` goes on. */
import { HuggingFace, Safetensors } from "../inside.ts"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { holdSaid } from "./data.ts"
import { faultOfSentence, judge } from "./judge.ts"
import { holdConfig } from "./model.ts"
import { readers } from "./targets.ts"
import { holdSame } from "./weights.ts"

const folder = mkdtempSync(join(tmpdir(), "noema-fuzz-"))

test.each(await readers(folder))(
  "$name: files are read for what they say, or refused in a sentence",
  async (target) => {
    const outcomes = new Set<string>()
    for (let index = 0; index < 60; index++) outcomes.add(await judge(target, 1, index))
    // A change that never matters, or always, would show nothing.
    expect([...outcomes].toSorted()).toEqual(["read", "refused"])
  }
)

test("what is read for something else than it says is told", async () => {
  const weights = (name: string, value: number): Safetensors.Weights => ({
    tensors: new Map([[name, { dtype: "f32", shape: [2], data: Float32Array.of(1, value) }]]),
    metadata: new Map([["format", "pt"]])
  })
  const bytes = Safetensors.encode(weights("w", 2))
  expect(() => holdSame(bytes, weights("w", 2))).not.toThrow()
  expect(() => holdSame(bytes, weights("w", 3))).toThrow("w has other values")
  expect(() => holdSame(bytes, weights("v", 2))).toThrow("w is lost")
  expect(() => holdSame(bytes, { ...weights("w", 2), metadata: new Map() })).toThrow("metadata differs")

  const problem = { question: "q", steps: ["<<1+1=2>>"], answer: "2" }
  const line = "q||<<1+1=2>> #### 2"
  expect(() => holdSaid(line, [problem])).not.toThrow()
  expect(() => holdSaid(`${line}\n${line}`, [problem])).toThrow("1 problems of 2 lines")
  expect(() => holdSaid(line, [{ ...problem, question: "p" }])).toThrow('line 1 does not say "p"')
  expect(() => holdSaid(line, [{ ...problem, steps: ["<<1+1=3>>"] }])).toThrow("line 1 does not say")

  const sizes = {
    vocabulary: 9,
    width: 4,
    layers: 1,
    heads: 2,
    groups: 1,
    hidden: 4,
    tied: true,
    decoderLayers: 1
  }
  const config = HuggingFace.configOf(sizes)
  const text = JSON.stringify(config)
  expect(() => holdConfig(text, config)).not.toThrow()
  expect(() => holdConfig(text.replace('"hidden_size":4', '"hidden_size":8'), config)).toThrow("read as another")
  expect(() => holdConfig(text.replace("{", '{"rope_scaling":{"factor":2},'), config)).toThrow("read as another")
})

test("what is not a sentence is told from what is one", () => {
  expect(faultOfSentence("words.jsonl, line 3: expected an object, found 3")).toBeNull()
  for (const [message, fault] of [
    ["", "says nothing"],
    ["a\nb", "has control characters"],
    ["\u001b[2J", "has control characters"],
    ["Error at load (file:///a/load.ts:3:4)", "names a place in the code"],
    ["found [object Object]", "shows an object"],
    ["x".repeat(1001), "has 1001 signs"]
  ] as const)
    expect(faultOfSentence(message)).toBe(fault)
})
