/** What comes of holding runs against each other, for a terminal of 80 columns and as a page. */
import { type Ended, groupsOf, type Row, type Table } from "./compare.ts"
import { differenceText } from "./differences.ts"
import { percent, table } from "./markup.ts"
import { charts, page, section } from "./page.ts"
import { fitted } from "./table.ts"
import type { Line } from "./summary.ts"
import { type Banded, escape, lineChart } from "./svg.ts"

/** How a row does beside another: real, or what questions and seeds vary by themselves. */
const verdictOf = ({ against }: Row): "better" | "noise" | "worse" | null =>
  against === null ? null : against.low > 0 ? "better" : against.high < 0 ? "worse" : "noise"

/** What of the differences is real, in words; null where nothing is held against anything. */
export const verdictText = ({ rows }: Pick<Table, "rows">): string | null => {
  const held = rows.filter(({ against }) => against !== null)
  if (held.length === 0) return null
  const seeds = Math.max(...held.map(({ against }) => (against!.over === "seeds" ? against!.of : 1)))
  const over = seeds === 1 ? "its questions vary; another seed may change more" : `${seeds} seeds vary (Student's 95 %)`
  const clauses = (
    [
      ["better", "better by more than"],
      ["worse", "worse by more than"],
      ["noise", "not told apart from what"]
    ] as const
  ).flatMap(([verdict, words]) => {
    const some = rows.filter((row) => verdictOf(row) === verdict)
    return some.length === 0
      ? []
      : [`${words} ${over}: ${some.map(({ against, name }) => `${name} beside ${against!.name}`).join("; ")}`]
  })
  return `${clauses.map((clause) => clause[0]!.toUpperCase() + clause.slice(1)).join(". ")}.`
}

const nameWidth = 28

const lineOf = ({ accuracy: { high, low, mean }, against, name, seeds }: Row): string =>
  `  ${fitted(name, nameWidth)}${percent(mean).padStart(6)} ${percent(Math.max(0, low)).padStart(6)} – ${percent(Math.min(1, high)).padStart(5)}` +
  `${`${seeds.length}`.padStart(4)}${against === null ? "" : `  ${differenceText(against)}`}`

/**
 * Tables as text: means, their 95 % intervals, seeds, and the difference to the row each is held against.
 *
 * @example
 * const summary = new Report.Summary({ ...Report.ofTraining("mine", []), results: [result] })
 * const text = Report.comparisonText(Report.compared([{ path: "runs/a", config: { seed: 1 }, summary }]))
 * text.split("\n").at(-1) // => "  Coconut                       75.0   30.1 –  95.4   1"
 */
export const comparisonText = (tables: ReadonlyArray<Table>): string =>
  [
    `${"".padEnd(nameWidth + 2)}${"right".padStart(6)}${"95 % interval".padStart(15)}${"seeds".padStart(6)}  less the other`,
    ...tables.map((each) =>
      [
        `${fitted(each.set, 32).trimEnd()}: ${each.questions} questions, a guess is right in ${percent(each.chance)} %`,
        ...each.rows.map(lineOf)
      ].join("\n")
    ),
    ...tables.slice(0, 1).flatMap((first) => verdictText(first) ?? [])
  ].join("\n\n")

const tableOf = ({ rows }: Table): string =>
  table(
    ["row", "right %", "95 % interval", "over", "tokens", "seeds", "held against", "difference"],
    rows.map(({ accuracy, against, name, over, seeds, tokens }) => [
      escape(name),
      percent(accuracy.mean),
      `${percent(Math.max(0, accuracy.low))} to ${percent(Math.min(1, accuracy.high))}`,
      over,
      tokens.toFixed(1),
      seeds.join(", "),
      against === null ? "" : escape(against.name),
      against === null ? "" : `${differenceText(against)} over ${against.over}`
    ])
  )

/** The mean of lines where all of them have a point, and what they lie between. */
const joined = (name: string, lines: ReadonlyArray<Line>): Banded => {
  const [first, ...others] = lines
  if (first === undefined || others.length === 0) return { name, points: first?.points ?? [] }
  const byX = [
    ...Map.groupBy(
      lines.flatMap(({ points }) => points),
      ([x]) => x
    )
  ].filter(([, points]) => points.length === lines.length)
  const values = byX.map(([x, points]) => [x, points.map(([, y]) => y)] as const)
  return {
    name: `${name}, ${lines.length} seeds`,
    points: values.map(([x, ys]) => [x, ys.reduce((sum, y) => sum + y, 0) / ys.length]),
    band: values.map(([x, ys]) => [x, Math.min(...ys), Math.max(...ys)])
  }
}

/** A chart for every stage, a line for all runs that differ by their seeds alone. */
const curves = (
  runs: ReadonlyArray<Ended>,
  linesOf: (run: Ended) => ReadonlyArray<readonly [stage: string, line: Line | undefined]>,
  labels: { readonly x: string; readonly y: string }
): string => {
  const all = groupsOf(runs).flatMap(({ label, runs }) => {
    const found = runs.flatMap((run) =>
      linesOf(run).flatMap(([stage, line]) => (line === undefined ? [] : [{ stage, line }]))
    )
    const name = label === "" ? (runs.length === 1 ? runs[0]!.path : "all") : label
    return [...Map.groupBy(found, ({ stage }) => stage)].map(([stage, of]) => ({
      stage,
      line: joined(
        name,
        of.map(({ line }) => line)
      )
    }))
  })
  return charts(
    [...Map.groupBy(all, ({ stage }) => stage)].map(
      ([stage, lines]) =>
        `<div><h3>${escape(stage)}</h3>${lineChart(
          lines.map(({ line }) => line),
          labels
        )}</div>`
    )
  )
}

/**
 * One page over all runs, as HTML: tables by set of questions, then curves with a line for every run.
 *
 * @example
 * const summary = new Report.Summary({ ...Report.ofTraining("mine", []), results: [result] })
 * const runs = [{ path: "runs/a", config: { seed: 1 }, summary }]
 * Report.comparisonPage(runs, Report.compared(runs)).includes("runs/a: mine") // => true
 */
export const comparisonPage = (runs: ReadonlyArray<Ended>, tables: ReadonlyArray<Table>): string =>
  page(
    runs.length === 1 ? "1 run" : `${runs.length} runs`,
    [
      `<ul>${runs.map(({ path, summary: { title } }) => `<li>${escape(path)}: ${escape(title)}</li>`).join("")}</ul>`,
      ...tables.map((each) =>
        section(
          each.set,
          `Right answers to ${each.questions} questions of every seed; a guess is right in ${percent(each.chance)} %. Intervals over seeds are Student's, over questions Wilson's, and of differences over questions the paired bootstrap's.`,
          `${tableOf(each)}${((said) => (said === null ? "" : `<p>${escape(said)}</p>`))(verdictText(each))}`
        )
      ),
      section(
        "Supervised training",
        "The whole loss by update: of runs that differ by their seed alone the mean, and what they lie between.",
        curves(
          runs,
          ({ summary }) =>
            summary.training.map(({ method, terms }) => [method, terms.find(({ name }) => name === "total")] as const),
          { x: "update", y: "loss" }
        )
      ),
      section(
        "Reinforcement",
        "The mean reward by round: of runs that differ by their seed alone the mean, and what they lie between.",
        curves(
          runs,
          ({ summary }) =>
            summary.reinforcement.map(
              ({ means, method }) => [method, means.find(({ name }) => name === "reward")] as const
            ),
          { x: "round", y: "reward" }
        )
      )
    ].join("\n")
  )
