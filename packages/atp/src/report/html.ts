/** The report: one HTML page with everything in it, so that it opens anywhere and loads nothing. */
import { sameAnswer } from "../rewards/correctness.ts"
import { cardSection } from "./cardSection.ts"
import { differenceText, rowName } from "./differences.ts"
import { cells, percent, scrolled, table, unique } from "./markup.ts"
import { headline } from "./headline.ts"
import { charts, page, section } from "./page.ts"
import { completionsTable } from "./completions.ts"
import { intervalOf, passText } from "./table.ts"
import type { Difference, Result, Sample, Summary } from "./summary.ts"
import { escape, heatMap, lineChart } from "./svg.ts"

const accuracyTable = (results: ReadonlyArray<Result>): string => {
  const sets = unique(results.map(({ set }) => set))
  const rows = unique(results.map(rowName)).map((name) => [
    escape(name),
    ...sets.map((set) => {
      const found = results.find((result) => result.set === set && rowName(result) === name)
      return found === undefined
        ? ""
        : `${percent(found.accuracy)} <small>[${intervalOf(found).join(", ")}] (${found.tokens.toFixed(1)})</small>`
    })
  ])
  const first = (set: string) => results.find((result) => result.set === set)!
  const guess = ["a guess", ...sets.map((set) => percent(first(set).chance))]
  return table(["method", ...sets.map((set) => `${set} (${first(set).problems})`)], [...rows, guess])
}

/** Whether the set says how many steps its questions need; benchmarks that give answers alone do not. */
const knowsSteps = ({ byDifficulty }: Result): boolean => byDifficulty.some(({ steps }) => steps > 0)

const difficultyTable = (results: ReadonlyArray<Result>, set: string): string => {
  const shown = results.filter((result) => result.set === set)
  const steps = unique(shown.flatMap(({ byDifficulty }) => byDifficulty.map((row) => row.steps))).toSorted(
    (a, b) => a - b
  )
  return table(
    ["method", ...steps.map((n) => `${n} step${n === 1 ? "" : "s"}`)],
    shown.map((result) => [
      escape(rowName(result)),
      ...steps.map((n) => {
        const row = result.byDifficulty.find((entry) => entry.steps === n)
        return row === undefined ? "" : `${percent(row.accuracy)} <small>(${row.tokens.toFixed(1)})</small>`
      })
    ])
  )
}

const chainTable = (results: ReadonlyArray<Result>): string => {
  const judged = results.flatMap(({ chains, ...result }) => (chains === null ? [] : [{ ...result, chains }]))
  const names = unique(judged.flatMap(({ chains }) => chains.watched.map(([name]) => name)))
  const rows = judged.map(({ chains, ...result }) => [
    escape(rowName(result)),
    escape(result.set),
    ...names.map((name) => chains.watched.find(([each]) => each === name)?.[1].toFixed(2) ?? ""),
    chains.adaptivity.toFixed(2)
  ])
  return rows.length === 0 ? "" : table(["method", "set", ...names, "steps made against gold"], rows)
}

/** Rows against those before them, in points of percent. */
const differenceTable = (differences: ReadonlyArray<Difference>): string => {
  const [rows, columns] = [unique(differences.map(({ row }) => row)), unique(differences.map(({ against }) => against))]
  return table(
    ["row less column", ...columns],
    rows.map((row) => [
      escape(row),
      ...columns.map((against) => {
        const found = differences.find((each) => each.row === row && each.against === against)
        return found === undefined ? "" : differenceText(found)
      })
    ])
  )
}

const reasoning = (side: Sample["before"], expected: string): string => {
  const verdict = side.answer !== null && sameAnswer(side.answer, expected) ? "right" : "wrong"
  return `${side.steps.map(escape).join("<br>")}<br><b class="${verdict}">${escape(side.answer ?? "no answer")}</b>`
}

const sampleTable = (samples: ReadonlyArray<Sample>): string =>
  scrolled(
    `<table>${cells(["question", "gold", "before", "after"], "th")}${samples
      .map(({ after, before, expected, gold, question }) =>
        cells(
          [
            escape(question),
            `${gold.map(escape).join("<br>")}<br><b>${escape(expected)}</b>`,
            reasoning(before, expected),
            reasoning(after, expected)
          ],
          "td"
        ).replaceAll("<td>", '<td class="text">')
      )
      .join("")}</table>`
  )

/**
 * The page as text: one file of HTML with everything in it. Sections without data are left out.
 *
 * @example
 * const summary = new Report.Summary({ ...Report.ofTraining("mine", []), results: [result] })
 * const page = Report.html(summary)
 * page.includes("Coconut answers 75.0 % with 5.0 tokens") // => true
 * page.includes("Reinforcement") // => false
 */
export const html = (summary: Summary): string => {
  const { results } = summary
  const sets = unique(results.map(({ set }) => set))
  return page(
    summary.title,
    `${headline(summary)}
${section("Facts", "What the run was.", `<table class="facts">${summary.facts.map(([name, value]) => cells([escape(name), escape(value)], "td")).join("")}</table>`)}
${section(
  "Accuracy in percent, and tokens",
  "Right answers to held-out questions; in brackets the 95 % interval (Wilson), in parentheses the mean number of latents and written symbols. Beside a set is the number of its questions; a guess gives the most frequent answer of training, or any that the task has. Latents are taken at their mean or sampled.",
  results.length === 0
    ? ""
    : accuracyTable(results) + summary.findings.map((finding) => `<p>${escape(finding)}</p>`).join("")
)}
${section(
  "Differences in accuracy",
  "What a row has more than the one its column names, in points of percent on the same questions, with the 95 % interval of the paired bootstrap (10,000 samples of the questions). Where it holds 0 these questions do not tell the two apart; what another seed would do it does not say. Those of the other sets are in summary.json.",
  sets
    .slice(0, 1)
    .map((set) => [set, summary.differences.filter((each) => each.set === set)] as const)
    .filter(([, differences]) => differences.length > 0)
    .map(([set, differences]) => `<h3>${escape(set)}</h3>${differenceTable(differences)}`)
    .join("")
)}
${section(
  "Whether answers come from latents",
  "The same questions asked with other latents. \"Anew\" is what the model thinks by itself from there on; an answer follows where it is that of the question's own chain, gone on with from the other question's step. In brackets 95 % intervals (Wilson). Linear probes are fitted on other questions; in parentheses is what the commonest value gets.",
  sets.map((set) => cardSection(results, set)).join("")
)}
${section(
  "By number of gold steps",
  "The same, for questions that need so many steps.",
  sets
    .filter((set) => results.some((result) => result.set === set && knowsSteps(result)))
    .map((set) => `<h3>${escape(set)}</h3>${difficultyTable(results, set)}`)
    .join("")
)}
${section(
  "What the steps say",
  "Steps written, or decoded from latents: means of the rewards they were judged by, and the rank correlation of steps made with gold steps.",
  chainTable(results.filter(({ set }) => set === sets[0]))
)}
${section(
  "Supervised training",
  "Terms of the loss by update.",
  charts(
    summary.training.map(
      ({ method, terms }) => `<div><h3>${escape(method)}</h3>${lineChart(terms, { x: "update", y: "loss" })}</div>`
    )
  )
)}
${section(
  "Reinforcement",
  "The reward, what it is made of, and what was watched: means over the rollouts of a round, whose latents are noisier than those that are evaluated; standard deviations over its attempts; and the share of groups whose attempts all score alike, of which nothing is learnt.",
  summary.reinforcement
    .map(
      ({ deviations, flat, means, method, others }) =>
        `<h3>${escape(method)}</h3>${charts([
          lineChart(means, { x: "round", y: "mean" }),
          lineChart(deviations, { x: "round", y: "deviation" }),
          lineChart(flat, { x: "round", y: "groups that score alike", to: 1 })
        ])}<details><summary>What attempts are like, and how the policy moves</summary>${charts(
          others.map(({ lines, unit }) => lineChart(lines, { x: "round", y: unit }))
        )}</details>`
    )
    .join("")
)}
${section(
  "Attempts of reinforcement",
  "Some of those that were kept, chosen by chance from all rounds: the question and its gold chain; the likeliest answer before the stage; the attempt with its answer, in green what is true or right; what it was worth in total and by part; the advantage it was learnt from by, empty where it was not; and the likeliest answer after the stage.",
  completionsTable(summary.completions)
)}
${section(
  "What went wrong",
  "Rewards that failed and what the run did, and what stages of reinforcement warn of.",
  summary.events.length === 0 ? "" : `<ul>${summary.events.map((event) => `<li>${escape(event)}</li>`).join("")}</ul>`
)}
${section(
  "Latent groups used against gold steps",
  "Questions by the steps they need and the latent groups the reinforced model used before it stopped.",
  summary.latentUse.length === 0
    ? ""
    : charts([
        heatMap(
          summary.latentUse.map(({ count, groups, steps }) => ({ x: steps, y: groups, count })),
          { x: "gold steps", y: "latent groups" }
        )
      ])
)}
${section(
  "pass@k",
  "Chance that at least one of k attempts with sampled latents is right, estimated without bias, with 95 % intervals by resampling questions.",
  summary.passAtK.length === 0
    ? ""
    : charts([lineChart(summary.passAtK, { x: "k", y: "pass@k" })]) +
        `<ul>${summary.passAtK.map((line) => `<li>${escape(passText(line))}</li>`).join("")}</ul>`
)}
${section("Decoded chains before and after reinforcement", "What each latent group decodes to, and the answer in green or red.", summary.samples.length === 0 ? "" : sampleTable(summary.samples))}`
  )
}
