import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Tokenizer, TokenizerFile } from "../inside.ts"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"

const words = [
  "Natalia",
  "sold",
  "clips",
  "don't",
  "café",
  "12",
  "3.5",
  "$48",
  "<<48/2=24>>",
  "(half)",
  "50%",
  "A-b",
  "why?"
]
const sentence = fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((parts) => parts.join(" "))
const corpus = Tokenizer.corpusVocabulary([words.join(" "), words.join("")], 500)

test("decoding what was encoded gives the text, for texts over the corpus", () => {
  fc.assert(
    fc.property(sentence, (text) => {
      expect(corpus.decode(corpus.encode(text))).toBe(text)
    })
  )
})

test("encoding what was decoded gives the numbers, for numbers that came from text", () => {
  fc.assert(
    fc.property(sentence, (text) => {
      const ids = corpus.encode(text)
      expect(corpus.encode(corpus.decode(ids))).toEqual(ids)
    })
  )
})

test("every number can be written, digit by digit, whatever the corpus", () => {
  const bare = Tokenizer.corpusVocabulary([], 0)
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (a, b) => {
      const text = `<<${a}+${b}=${a + b}>> ${a}`
      expect(bare.decode(bare.encode(text))).toBe(text)
    })
  )
})

test("a word outside the vocabulary is <unk>, and the vocabulary stays within its size", () => {
  expect(corpus.encode("zebra")).toEqual([Tokenizer.special("<unk>")])
  const small = Tokenizer.corpusVocabulary(["b b b a a c"], 45)
  expect(small.size).toBe(45)
  expect(small.encode("c")).toEqual([Tokenizer.special("<unk>")])
  expect(small.encode("b")).not.toEqual([Tokenizer.special("<unk>")])
})

test("a closed vocabulary refuses what it lacks", () => {
  const closed = Tokenizer.fixedVocabulary(["+", "1"])
  expect(closed.encode("1 + 1")).toEqual([8, 7, 8])
  expect(() => closed.encode("1 + 2")).toThrow('no symbol "2"')
  expect(() => closed.encode("1+1")).toThrow('no symbol "1+1", found in "1+1"; symbols stand apart: "1 + 1"; it has ')
})

test("a saved vocabulary encodes alike; a file that is none is refused in one sentence", async () => {
  const folder = mkdtempSync(join(tmpdir(), "noema-text-"))
  const run = <A, E>(effect: Effect.Effect<A, E, NodeFileSystemServices>) =>
    Effect.runPromise(Effect.provide(effect, NodeFileSystem.layer))
  const file = join(folder, "vocabulary.json")
  await run(TokenizerFile.saveTokenizer(file, corpus))
  const loaded = await run(TokenizerFile.loadTokenizer(file))
  expect(loaded.encode(words.join(" "))).toEqual(corpus.encode(words.join(" ")))

  writeFileSync(file, '{"kind": "words", "symbols": ["a"]}')
  const message = await run(Effect.flip(Effect.mapError(TokenizerFile.loadTokenizer(file), (error) => error.message)))
  expect(message).toContain("is not a vocabulary")
  expect(message).toContain("expected to begin with <pad>")
})

type NodeFileSystemServices = import("effect/FileSystem").FileSystem
