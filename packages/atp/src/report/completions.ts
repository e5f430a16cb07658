/** Attempts of reinforcement as the report shows them. */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { sameAnswer } from "../rewards/correctness.ts"
import type { Metrics } from "./curves.ts"
import { cells, scrolled } from "./markup.ts"
import { Completion, type Summary } from "./summary.ts"
import { escape } from "./svg.ts"

/** Attempts that are shown of a stage, at most. */
const most = 12

const decode = Schema.decodeUnknownOption(Completion)

/** So many of a list, as far apart as can be, the first and the last among them. */
const spread = <A>(all: ReadonlyArray<A>): ReadonlyArray<A> =>
  all.length <= most
    ? all
    : Array.from({ length: most }, (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))]!)

/**
 * The completions of a run's folder by stage, at most 12 of each from all of its rounds.
 *
 * @example
 * const kept = {
 *   question: "1 + 2", gold: { steps: ["1 + 2 = 3"], answer: "3" }, before: "4", steps: ["1 + 2 = 3"], legal: [true],
 *   answer: "3", right: true, reward: 1.5, rewards: { correct: 1, format: 1 }, advantage: 0.5
 * }
 * const rounds = Array.from({ length: 30 }, (_, i) => ({ stage: "atp-latent-rl", update: i + 1, ...kept }))
 * const [{ of, rows }] = Report.completionsOf(rounds)
 * [of, rows.length, rows.at(-1)?.round] // => [30, 12, 30]
 */
export const completionsOf = (completions: Metrics): Summary["completions"] =>
  [...Map.groupBy(completions, ({ stage }) => stage)].map(([stage, all]) => ({
    stage,
    of: all.length,
    rows: spread(all).flatMap((entry) => Option.toArray(decode({ after: null, ...entry, round: entry.update })))
  }))

const verdict = (right: boolean): string => (right ? "right" : "wrong")

const answerOf = (answer: string | null, right: boolean): string =>
  `<b class="${verdict(right)}">${escape(answer ?? "no answer")}</b>`

const likeliest = (answer: string | null, gold: string): string =>
  answer === null ? "" : answerOf(answer, sameAnswer(answer, gold))

const numberOf = (value: number | null): string => (value === null ? "" : value.toFixed(2))

const rowOf = (row: Completion): ReadonlyArray<string> => {
  const { advantage, after, answer, before, gold, legal, question, reward, rewards, right, round, steps } = row
  const parts = Object.entries(rewards).map(([name, value]) => `${escape(name)} ${numberOf(value)}`)
  return [
    `${round}`,
    escape(question),
    [...gold.steps.map(escape), `<b>${escape(gold.answer)}</b>`].join("<br>"),
    likeliest(before, gold.answer),
    [
      ...steps.map((step, i) => `<span class="${verdict(legal[i] ?? false)}">${escape(step)}</span>`),
      answerOf(answer, right)
    ].join("<br>"),
    [numberOf(reward), ...parts].join("<br>"),
    numberOf(advantage),
    likeliest(after, gold.answer)
  ]
}

/** What of a table is shown, by what its rows are of: the page's style hides the others. */
const shown = ["all", "right", "wrong", "changed"] as const

const kindsOf = ({ after, before, right }: Completion): string =>
  [verdict(right), ...(before !== null && after !== null && before !== after ? ["changed"] : [])].join(" ")

const filterOf = (stage: string): string =>
  `<fieldset class="filter"><legend>show</legend>${shown
    .map(
      (kind, i) =>
        `<label><input type="radio" name="show ${escape(stage)}" value="${kind}"${i === 0 ? " checked" : ""}>${kind}</label>`
    )
    .join("")}</fieldset>`

/** A table for each stage, folded up, of which those that are right, wrong or changed can be shown alone. */
export const completionsTable = (stages: Summary["completions"]): string =>
  stages
    .map(({ of, rows, stage }) => {
      const head = ["round", "question", "gold", "before", "attempt", "reward", "advantage", "after"]
      const body = rows.map((row) => cells(rowOf(row), "td", kindsOf(row))).join("")
      return (
        `<details class="completions"><summary>${escape(stage)}: ${rows.length} of ${of} in ${escape(stage)}.completions.jsonl</summary>` +
        `${filterOf(stage)}${scrolled(`<table class="said"><thead>${cells(head, "th")}</thead><tbody>${body}</tbody></table>`)}</details>`
      )
    })
    .join("")
