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

/** A table for each stage, folded up. */
export const completionsTable = (stages: Summary["completions"]): string =>
  stages
    .map(({ of, rows, stage }) => {
      const head = ["round", "question", "gold", "before", "attempt", "reward", "advantage", "after"]
      return (
        `<details><summary>${escape(stage)}: ${rows.length} of ${of} in ${escape(stage)}.completions.jsonl</summary>` +
        `${scrolled(`<table class="said">${cells(head, "th")}${rows.map((row) => cells(rowOf(row), "td")).join("")}</table>`)}</details>`
      )
    })
    .join("")
