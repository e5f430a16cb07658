/** Methods as text for a terminal of 80 columns, and as a page. */
import type { Catalogue, Facts } from "./facts.ts"

/** A column: what it is called, how wide it is, and what it says of a method. */
interface Column {
  readonly name: string
  readonly width: number
  readonly of: (facts: Facts) => string
  readonly side?: "right"
}

const grouped = (count: number): string => count.toLocaleString("en-US").replaceAll(",", " ")

const reinforcedBy = ({ reinforcement }: Facts): string =>
  reinforcement === null ? "-" : `${reinforcement["estimator"]!}, ${reinforcement["advantage"]!}`

const made: ReadonlyArray<Column> = [
  { name: "method", width: 19, of: ({ slug }) => slug },
  { name: "backbone", width: 8, of: ({ backbone }) => backbone },
  { name: "latents", width: 15, of: ({ policy }) => (policy === "none" ? "-" : policy) },
  { name: "stop", width: 8, of: ({ stop }) => (stop === "none" ? "-" : stop) },
  { name: "steps", width: 7, of: ({ said }) => (said === "no" ? "-" : said) },
  { name: "layout", width: 13, of: ({ layout }) => layout }
]

const learnt: ReadonlyArray<Column> = [
  { name: "method", width: 19, of: ({ slug }) => slug },
  { name: "objective", width: 18, of: ({ objective }) => objective.join(", ") },
  { name: "reinforced by", width: 16, of: reinforcedBy },
  { name: "search", width: 7, of: ({ search }) => search },
  { name: "numbers", width: 7, of: ({ parameters }) => grouped(parameters), side: "right" },
  { name: "tokens", width: 6, of: ({ tokens }) => tokens.toFixed(1), side: "right" }
]

/** Words in lines of at most so many signs; a word that is longer is broken. */
const wrapped = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = [""]
  for (const word of text.split(" ").flatMap((word) => word.match(new RegExp(`.{1,${width}}`, "g")) ?? [])) {
    const last = lines.at(-1)!
    if (last === "") lines[lines.length - 1] = word
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

const tableOf = (columns: ReadonlyArray<Column>, all: ReadonlyArray<Facts>): string => {
  const row = (cells: ReadonlyArray<string>): ReadonlyArray<string> => {
    const lines = cells.map((cell, i) => wrapped(cell, columns[i]!.width))
    const height = Math.max(...lines.map(({ length }) => length))
    return Array.from({ length: height }, (_, line) =>
      columns
        .map(({ side, width }, i) => {
          const text = lines[i]![line] ?? ""
          return side === "right" ? text.padStart(width) : text.padEnd(width)
        })
        .join(" ")
        .trimEnd()
    )
  }
  return [row(columns.map(({ name }) => name)), ...all.map((facts) => row(columns.map(({ of }) => of(facts))))]
    .flat()
    .join("\n")
}

/** What methods are made of and what they learn from, a table each. No line has more than 80 signs. */
export const methodsText = ({ methods: all }: Catalogue): string => `${tableOf(made, all)}\n\n${tableOf(learnt, all)}`

/** The fields of a method by name, those that it has. */
const fieldsOf = (facts: Facts): ReadonlyArray<readonly [name: string, value: string]> => [
  ["source", facts.source?.paper ?? "none"],
  ...(facts.source === null ? [] : facts.source.equation.split("; ").map((each) => ["equation", each] as const)),
  ["backbone", facts.backbone],
  ["parts", facts.parts.join(", ") || "none"],
  ...(facts.after === null ? [] : [["trained after", facts.after] as const]),
  ["latents from", facts.policy],
  ["stop", facts.stop],
  ["steps", facts.said === "no" ? "not said" : facts.said],
  ["layout", facts.layout],
  ["objective", facts.objective.join(" + ")],
  ...(facts.explorer === null ? [] : [["explores by", facts.explorer] as const]),
  ...Object.entries(facts.reinforcement ?? {}).map(([path, value]) => [`  ${path}`, value] as const),
  ["search over", facts.search],
  ["parameters", grouped(facts.parameters)],
  ["tokens", facts.tokens.toFixed(1)]
]

const nameWidth = 22

/** One method whole. No line has more than 80 signs. */
export const methodText = (facts: Facts): string =>
  [
    ...wrapped(`${facts.slug}: ${facts.name} ${facts.summary}`, 80),
    ...fieldsOf(facts).flatMap(([name, value]) =>
      wrapped(value, 80 - nameWidth).map((line, i) => `${(i === 0 ? name : "").padEnd(nameWidth)}${line}`)
    )
  ].join("\n")

const cell = (text: string): string => text.replaceAll("|", "\\|")

const markdownTable = (columns: ReadonlyArray<Column>, all: ReadonlyArray<Facts>): string => {
  const row = (cells: ReadonlyArray<string>) => `| ${cells.join(" | ")} |`
  return [
    row(columns.map(({ name }) => name)),
    row(columns.map(({ side }) => (side === "right" ? "---:" : "---"))),
    ...all.map((facts) => row(columns.map(({ of }) => cell(of(facts)))))
  ].join("\n")
}

const paragraphs = (facts: Facts): string => {
  const paper = facts.source?.paper ?? null
  const id = paper === null ? null : /\d{4}\.\d{4,5}/.exec(paper)![0]
  const from = id === null ? "Of no paper." : `From [${paper}](https://arxiv.org/abs/${id}).`
  const { reinforcement } = facts
  const set = Object.entries(reinforcement ?? {}).map(([path, value]) => `${path} ${value}`)
  return [
    `## ${facts.name}`,
    `\`${facts.slug}\` ${facts.summary}. ${from}`,
    ...(facts.source === null ? [] : [["```text", ...facts.source.equation.split("; "), "```"].join("\n")]),
    `Latents are drawn from: ${facts.policy}. Stop: ${facts.stop}. Layout: ${facts.layout}. Parts: ${facts.parts.join(", ") || "none"}. Objective: ${facts.objective.join(" + ")}.`,
    ...(facts.explorer === null ? [] : [`Reinforced it explores by: ${facts.explorer}. ${set.join("; ")}.`])
  ].join("\n\n")
}

/** The page of methods. */
export const methodsPage = ({ bed, methods: all }: Catalogue): string =>
  [
    "# Methods",
    "This page is written by `npm run methods:page` from the records of the methods, and a test holds it to them. On the command line it is `noema methods`, and `noema methods NAME` for one of them. What each comes to on the same data with the same updates is [side by side](family.md), as far as it was run.",
    "A method is a point in a space: a backbone, what latents are drawn from, when there are enough, what says steps, a layout, terms of an objective, a policy-gradient term. Rewards and searches are chosen when it is used, and go with any of them. A search is over drawn `latents` or `stops`, over `symbols` that are written, or needs `noise` or dropout where nothing is drawn.",
    markdownTable(made, all),
    `Numbers and tokens are those of the test-bed (${bed}); tokens are latents and symbols of a right attempt, mean over questions.`,
    markdownTable(learnt, all),
    ...all.map(paragraphs)
  ].join("\n\n") + "\n"
