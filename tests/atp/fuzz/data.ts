/** Data files: a problem is what its line says, and none is lost or made up. */
import { Load, type Problem } from "../inside.ts"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Fault, hold, outcomeOf, type Target } from "./judge.ts"
import { type Dice, mutated, mutatedJson } from "./mutate.ts"

const words = JSON.stringify({
  question: "Ann has 48 clips and sells half. How many\nare left?",
  answer: "She sells 48/2=<<48/2=24>>24.\nLeft are 48-24=<<48-24=24>>24 clips.\n#### 24"
})
const puzzle = {
  question: "Every a is a b. Every b is a c. Is Max a c or d? Max is a a.",
  steps: ["Max is a a.", "Every a is a b.", "Every b is a c."],
  answer: "Max is a c."
}
const own: { readonly [format: string]: string } = {
  gsm8k: `${words}\n${words}\n\n${words}\n`,
  equations: "48 clips, half?||<<48/2=24>> <<48-24=24>> #### 24\r\nq||#### 1,000\n(3+4)||<<(3+4)*2=14>> #### 14\n",
  answers: `${JSON.stringify({ input: "How many?", target: 7 })}\n${JSON.stringify({ input: "And?", target: "1.5" })}\n`,
  prosqa: JSON.stringify([puzzle, puzzle, { ...puzzle, more: [1, { deep: true }] }], null, 1)
}

const shared = join(import.meta.dirname, "../../../../shared/data")
const published: { readonly [format: string]: string } = {
  gsm8k: "gsm8k/test.jsonl",
  equations: "gsm8k/test.txt",
  answers: "eval/gsmhardv2.jsonl",
  prosqa: "prosqa/prosqa_valid.json"
}
/** Problems of a published file, some of its lines or puzzles; ours where it is not there. */
const seedOf = (format: string): string => {
  const file = join(shared, published[format]!)
  if (!existsSync(file)) return own[format]!
  const text = readFileSync(file, "utf8")
  if (format === "prosqa") return JSON.stringify((JSON.parse(text) as ReadonlyArray<unknown>).slice(0, 3), null, 1)
  return text.split("\n").slice(0, 6).join("\n")
}

const squeezed = (text: string): string => text.replaceAll(/\s+/g, "")

/** Holds that problems are those of the text, as far as one can tell who does not know the formats. */
export const holdSaid = (text: string, problems: ReadonlyArray<Problem>): void => {
  const start = text.trimStart()
  const units = start.startsWith("[")
    ? (JSON.parse(text) as ReadonlyArray<object>)
    : text
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => (start.startsWith("{") ? (JSON.parse(line) as object) : line))
  hold(units.length === problems.length, `${problems.length} problems of ${units.length} lines`)
  for (const [i, { answer, question, steps }] of problems.entries()) {
    const unit = units[i]!
    const said =
      typeof unit === "string"
        ? [unit]
        : Object.values(unit as Record<string, unknown>)
            .flat()
            .map(String)
    const within = (part: string) => said.some((each) => squeezed(each).includes(squeezed(part)))
    for (const part of [question, ...steps]) hold(within(part), `line ${i + 1} does not say ${JSON.stringify(part)}`)
    const digits = answer.replaceAll(/[^\d]/g, "").slice(0, 3)
    hold(start.startsWith("[") || within(answer) || digits !== "", `line ${i + 1} does not answer ${answer}`)
  }
}

const change = (dice: Dice, format: string, text: string, others: ReadonlyArray<Uint8Array>): Uint8Array => {
  const encode = (changed: string) => new TextEncoder().encode(changed)
  if (dice.uniform() < 0.5) return mutated(dice, encode(text), others)
  if (format === "prosqa") return encode(mutatedJson(dice, text))
  const lines = text.split("\n")
  const at = dice.integer(0, lines.length - 1)
  return encode(lines.with(at, mutatedJson(dice, lines[at]!)).join("\n"))
}

/** One target a format. */
export const dataTargets = (folder: string): ReadonlyArray<Target> => {
  const formats = Object.keys(own)
  const seeds = new Map(formats.map((format) => [format, [own[format]!, seedOf(format)]]))
  const all = [...seeds.values()].flat().map((text) => new TextEncoder().encode(text))
  return formats.map((format) => ({
    name: `data ${format}`,
    check: async (dice) => {
      const bytes = change(dice, format, dice.choose(seeds.get(format)!), all)
      const file = join(folder, `changed-${format}`)
      writeFileSync(file, bytes)
      try {
        const read = await outcomeOf(Load.load(file))
        if ("refused" in read) return "refused"
        holdSaid(new TextDecoder("utf-8", { fatal: true }).decode(bytes), read.value)
        return "read"
      } catch (error) {
        throw new Fault(error instanceof Error ? (error.stack ?? error.message) : String(error), bytes)
      }
    }
  }))
}
