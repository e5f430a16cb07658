/** What is warned of a stage of reinforcement after it was evaluated beside the stage that it began with. */
import * as Effect from "effect/Effect"
import { entryOf, toConsole } from "../train/events.ts"
import type { RunContext } from "../train/stages.ts"
import { Decorated, PassesFell, type Warning } from "../train/warnings.ts"
import type { Evaluated, Passed } from "./outcome.ts"
import type { Job } from "./plan.ts"

/** A warning, with the stage that it is of. */
interface Warned {
  readonly stage: string
  readonly warning: Warning
}

/**
 * pass@k has fallen where that of the most attempts is, after the stage, below the 95 % interval (bootstrap over questions)
 * that it had before; latents are decoration where the verdict of the causal card says so. Of what was not evaluated nothing
 * is said.
 */
export const aftermath = <E, R>(
  jobs: ReadonlyArray<Job<E, R>>,
  evaluations: ReadonlyArray<Pick<Evaluated, "card" | "set" | "stage">>,
  passes: ReadonlyArray<Omit<Passed, "tells">>
): ReadonlyArray<Warned> =>
  jobs.flatMap((job) => {
    if (job.kind !== "reinforce") return []
    const { config, from, name: stage } = job
    const round = config.reinforcement.rounds
    const decorated = evaluations.flatMap(({ card, set, stage: of }) =>
      of === stage && card?.verdict.answers === "are decorated"
        ? [new Decorated({ round, set, verdict: card.verdict.sentence })]
        : []
    )
    const [before, after] = [from, stage].map((name) => passes.find((each) => each.stage === name))
    const [was, is] = [before?.rates.at(-1), after?.rates.at(-1)]
    const fell =
      before !== undefined && was !== undefined && is !== undefined && was.k === is.k && is.mean < was.low
        ? [
            new PassesFell({
              round,
              k: is.k,
              questions: before.questions,
              before: { stage: before.stage, mean: was.mean, low: was.low, high: was.high },
              now: is.mean
            })
          ]
        : []
    return [...decorated, ...fell].map((warning) => ({ stage, warning }))
  })

/** Tells of warnings, and writes those down that are not in the metrics yet. */
export const warnAfter = Effect.fnUntraced(function* (
  { folder, notice = toConsole }: Pick<RunContext, "folder" | "notice">,
  warned: ReadonlyArray<Warned>
) {
  const there = folder === null || warned.length === 0 ? [] : yield* folder.metrics
  for (const { stage, warning } of warned) {
    const { message } = warning
    if (folder !== null && !there.some((entry) => entry.stage === stage && entry["message"] === message))
      yield* folder.record(entryOf(stage, warning))
    yield* notice(stage, warning)
  }
})
