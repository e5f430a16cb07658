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

How to read it: candidates take turns within rounds, each peer in a process of its own with the same number of threads, and every peer computes from the same inputs, with its result compared to ours. On a shared machine times wander; **ratios are medians of the ratios within each round** and are what to look at. "best" is the fastest call of all rounds. CPU time counts all threads. How many cores were at work just before says whether others disturbed it, as does, where only that is there, a load above the number of cores.
`

/** The results there are, by name. */
export const readResults = (folder: string): ReadonlyArray<Result> =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .toSorted()
    .map((file) => JSON.parse(readFileSync(`${folder}/${file}`, "utf8")) as Result)

export const document = (results: ReadonlyArray<Result>): string => [preface, ...results.map(section)].join("\n")

const busy = ({ busy, load }: Machine): string =>
  busy === undefined ? `load ${load[0]}` : `${busy} of them at work before`

const section = ({ name, command, machine, rows, notes }: Result): string => {
  const { columns, numeric, lines } = cells(rows)
  const row = (line: ReadonlyArray<string>) => `| ${line.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`
  const facts =
    `${machine.date.slice(0, 10)}, ${machine.cpu}, ${machine.cores} cores, Node ${machine.node.slice(1)} ` +
    `(V8 ${machine.v8}), ${busy(machine)}, at ${machine.commit}`
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
