/** Changes to the bytes of files, such as disks, editors, other programs and ill will make them. All are drawn with a key. */
import { type Key } from "../inside.ts"

export type Dice = ReturnType<typeof Key.draws>

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const joined = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => Uint8Array.from(Buffer.concat(parts))

/** Numbers that readers trip over. */
const numbers = [
  ..."0 -0 1 -1 2 7 0.5 -0.5 1e9 1e15 1e308 1e309 -1e309 1e-400 2147483647 2147483648 4294967296".split(" "),
  ..."9007199254740991 9007199254740993 1e400 0x10 01 1. .5 +1 NaN Infinity 16777217 65535 65537".split(" ")
]
/** Texts that readers trip over. */
const texts = [
  "",
  " ",
  "\uFEFF",
  "\u0000",
  "\u001b[2J",
  "__proto__",
  "constructor",
  "\ud800",
  "é",
  "e\u0301",
  "\u202e",
  "||",
  "####",
  "<<",
  ">>",
  "\r",
  "\\",
  '"',
  "null",
  "true"
]

const between = (dice: Dice, length: number): readonly [from: number, to: number] => {
  const from = dice.integer(0, length)
  return [from, Math.min(length, from + dice.integer(1, dice.choose([1, 4, 16, 200])))]
}

type Change = (dice: Dice, bytes: Uint8Array, others: ReadonlyArray<Uint8Array>) => Uint8Array

const flipBit: Change = (dice, bytes) => {
  if (bytes.length === 0) return bytes
  const at = dice.integer(0, bytes.length - 1)
  return bytes.with(at, bytes[at]! ^ (1 << dice.integer(0, 7)))
}
const setByte: Change = (dice, bytes) => {
  if (bytes.length === 0) return bytes
  const byte = dice.choose([0, 0xff, 0x7f, 0x80, 0x0a, 0x0d, 0x1b, ...bytesOf('"{}[],:\\0-')])
  return bytes.with(dice.integer(0, bytes.length - 1), byte)
}
const insert: Change = (dice, bytes) => {
  const [at] = between(dice, bytes.length)
  const what = dice.choose([
    bytesOf(dice.choose(texts)),
    Uint8Array.from({ length: dice.integer(1, 8) }, () => dice.integer(0, 255))
  ])
  return joined(bytes.subarray(0, at), what, bytes.subarray(at))
}
const remove: Change = (dice, bytes) => {
  const [from, to] = between(dice, bytes.length)
  return joined(bytes.subarray(0, from), bytes.subarray(to))
}
const repeat: Change = (dice, bytes) => {
  const [from, to] = between(dice, bytes.length)
  const part = bytes.subarray(from, to)
  const times = dice.choose([1, 1, 2, 100, Math.floor(100_000 / Math.max(1, part.length))])
  return joined(bytes.subarray(0, to), ...Array.from({ length: times }, () => part), bytes.subarray(to))
}
const swap: Change = (dice, bytes) => {
  const [a, b] = between(dice, bytes.length)
  const [c, d] = between(dice, bytes.length)
  const [first, second] =
    a < c
      ? [
          [a, b],
          [c, d]
        ]
      : [
          [c, d],
          [a, b]
        ]
  if (first![1]! > second![0]!) return bytes
  const part = ([from, to]: ReadonlyArray<number>) => bytes.subarray(from, to)
  return joined(
    bytes.subarray(0, first![0]),
    part(second!),
    bytes.subarray(first![1], second![0]),
    part(first!),
    bytes.subarray(second![1])
  )
}
const truncate: Change = (dice, bytes) => bytes.slice(0, dice.integer(0, bytes.length))
const splice: Change = (dice, bytes, others) => {
  const other = dice.choose(others)
  return joined(bytes.subarray(0, dice.integer(0, bytes.length)), other.subarray(dice.integer(0, other.length)))
}
/** Another number in place of one that is written in the bytes. */
const renumber: Change = (dice, bytes) => {
  const found = [
    ...Buffer.from(bytes)
      .toString("latin1")
      .matchAll(/-?\d+(\.\d+)?([eE][-+]?\d+)?/g)
  ]
  if (found.length === 0) return bytes
  const { 0: text, index } = dice.choose(found)
  const next = dice.choose([dice.choose(numbers), `${Number(text) + dice.choose([-1, 1, 8])}`])
  return joined(bytes.subarray(0, index), bytesOf(next), bytes.subarray(index + text.length))
}
/** The length in front of a header. */
const relength: Change = (dice, bytes) => {
  if (bytes.length < 8) return bytes
  const changed = Uint8Array.from(bytes)
  const view = new DataView(changed.buffer)
  const length = view.getBigUint64(0, true)
  view.setBigUint64(
    0,
    dice.choose([0n, 1n, length + 1n, length - 1n, length + 8n, 2n ** 24n, 2n ** 31n, 2n ** 53n, 2n ** 64n - 1n]) &
      (2n ** 64n - 1n),
    true
  )
  return changed
}

const changes: ReadonlyArray<Change> = [
  flipBit,
  flipBit,
  setByte,
  insert,
  remove,
  repeat,
  swap,
  truncate,
  splice,
  renumber,
  renumber,
  relength
]

/** Bytes with one to four changes; `others` are files that parts may come from. */
export const mutated: Change = (dice, bytes, others) => {
  let next = bytes
  for (let left = dice.choose([1, 1, 1, 2, 4]); left > 0; left--) next = dice.choose(changes)(dice, next, others)
  return next
}

type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [name: string]: Json }

const deep = (dice: Dice): string => {
  const depth = dice.choose([3, 63, 64, 65, 1000, 50_000])
  return dice.choose(["[", '{"a":']).repeat(depth) + dice.choose(["", "1"])
}

const anyValue = (dice: Dice): string =>
  dice.choose([
    dice.choose(numbers),
    JSON.stringify(dice.choose(texts)),
    "null",
    "true",
    "[]",
    "{}",
    "[[]]",
    deep(dice),
    JSON.stringify("x".repeat(dice.choose([10, 5000])))
  ])

/** How many values a tree has, itself among them. */
const countOf = (value: Json): number =>
  typeof value !== "object" || value === null
    ? 1
    : 1 + Object.values(value).reduce<number>((sum, each) => sum + countOf(each), 0)

/** The text of a tree in which value number `at` is changed: another one, or a member more, less, twice or by another name. */
const printed = (dice: Dice, value: Json, at: { left: number }): string => {
  const here = at.left-- === 0
  if (typeof value !== "object" || value === null) return here ? anyValue(dice) : JSON.stringify(value)
  if (here && dice.uniform() < 0.2) return anyValue(dice)
  if (Array.isArray(value)) {
    const items = (value as ReadonlyArray<Json>).map((each) => printed(dice, each, at))
    if (here)
      items.splice(dice.integer(0, items.length), dice.integer(0, 1), ...(dice.uniform() < 0.7 ? [anyValue(dice)] : []))
    return `[${items.join(",")}]`
  }
  const members = Object.entries(value).map(([name, each]) => [JSON.stringify(name), printed(dice, each, at)] as const)
  if (here) {
    const pick = dice.integer(0, Math.max(0, members.length - 1))
    const [name, inner] = members[pick] ?? ['"a"', "1"]
    const change = dice.integer(0, 4)
    if (change === 0) members.splice(pick, 1)
    else if (change === 1) members.push([name, dice.uniform() < 0.5 ? inner : anyValue(dice)])
    else if (change === 2)
      members.splice(pick, 1, [JSON.stringify(dice.choose([...texts, `${JSON.parse(name)}s`])), inner])
    else if (change === 3)
      members.push([JSON.stringify(dice.choose([...texts, "rope_scaling", "head_dim", "unknown"])), anyValue(dice)])
    else members.reverse()
  }
  return `{${members.map(([name, inner]) => `${name}:${inner}`).join(",")}}`
}

/** The text of JSON with a change in its tree: still JSON as a rule, so that it gets past the first check. */
export const mutatedJson = (dice: Dice, text: string): string => {
  let next = text
  for (let left = dice.choose([1, 1, 2]); left > 0; left--) {
    try {
      const tree = JSON.parse(next) as Json
      next = printed(dice, tree, { left: dice.integer(0, countOf(tree) - 1) })
    } catch {
      return next
    }
  }
  return next
}
