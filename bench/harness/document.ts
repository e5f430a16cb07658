/** `docs/performance.md`, made from the result files so that the two cannot disagree. */
import { readdirSync, readFileSync } from "node:fs"
import type { Machine } from "./machine.ts"
import type { BenchOutcome } from "./module.ts"
import { cells } from "./table.ts"

export interface Result extends BenchOutcome {
  readonly name: string
  readonly command: string
  readonly machine: Machine
}

const preface = `# Performance

This file is written by \`npm run bench\` from the files in \`bench/results\`; edit those who make it, not it.

How to read it: candidates take turns within rounds, each peer in a process of its own with the same number of threads, and every peer computes from the same inputs, with its result compared to ours. On a shared machine times wander; **ratios are medians of the ratios within each round** and are what to look at. "best" is the fastest call of all rounds. CPU time counts all threads. The load at the start says how busy the machine was: above its number of cores, others were at work.
`

/** The results there are, by name. */
export const readResults = (folder: string): ReadonlyArray<Result> =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .toSorted()
    .map((file) => JSON.parse(readFileSync(`${folder}/${file}`, "utf8")) as Result)

export const document = (results: ReadonlyArray<Result>): string => [preface, ...results.map(section)].join("\n")

const section = ({ name, command, machine, rows, notes }: Result): string => {
  const { columns, numeric, lines } = cells(rows)
  const row = (line: ReadonlyArray<string>) => `| ${line.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`
  const facts =
    `${machine.date.slice(0, 10)}, ${machine.cpu}, ${machine.cores} cores, Node ${machine.node.slice(1)} ` +
    `(V8 ${machine.v8}), load ${machine.load[0]}, at ${machine.commit}`
  return [
    `## ${name}`,
    "",
    `\`${command}\` (${facts})`,
    "",
    row(columns),
    row(numeric.map((isNumber) => (isNumber ? "--:" : "---"))),
    ...lines.map(row),
    "",
    ...notes.flatMap((note) => [note, ""])
  ].join("\n")
}
