/** Draws of a round: attempts at its questions, judged; and, where a filter replaces groups, at further ones in their place. */
import * as Effect from "effect/Effect"
import { derive, type Key } from "../random/key.ts"
import type { Filter } from "../reinforce/filter.ts"
import type { RewardFailed, RewardLawBroken } from "../rewards/errors.ts"
import type { Score } from "../rewards/reward.ts"
import type { GenerateError, Rollout } from "../rollout/generate.ts"
import { type Group, groupsOf } from "./crediting.ts"
import { type Judged, judging, type JudgingOptions } from "./judging.ts"
import { rowsOf } from "./rows.ts"

/** What came of a round before anything is learnt from it. */
export interface Drawn<E> {
  /** The attempts at each place of the round, group after group, and their scores. */
  readonly rollouts: ReadonlyArray<Rollout>
  readonly scores: ReadonlyArray<Score | null>
  /** The groups among them that are learnt from. */
  readonly groups: ReadonlyArray<Group>
  /** All attempts that were made, and their scores. */
  readonly made: { readonly rollouts: ReadonlyArray<Rollout>; readonly scores: ReadonlyArray<Score | null> }
  /** How often questions were drawn. */
  readonly draws: number
  /** Figures and events of all draws. */
  readonly watched: Judged<E>["watched"]
  readonly skipped: Judged<E>["skipped"]
  readonly events: ReadonlyArray<RewardFailed<E>>
  /** What ends the run, or null. */
  readonly stopped: Judged<E>["stopped"]
}

/** Who acts, what is drawn until when, and where attempts are kept that later draws would take the place of. */
export interface DrawingOptions<E, R> extends JudgingOptions<E, R> {
  readonly filter: Filter
  readonly key: Key
  /** The attempts of a draw of a round, both numbered from 0. */
  readonly act: (round: number, draw: number) => Effect.Effect<ReadonlyArray<Rollout>, GenerateError>
  /** Keeps attempts of the last draw at places; null where there is one draw alone. */
  readonly keep: ((rows: ReadonlyArray<number | null>) => Effect.Effect<void, GenerateError>) | null
}

/** The rows of the questions of a draw: the first ones as all stages have them, further ones by a key of their own. */
export const drawsOf = (
  key: Key,
  problems: number,
  questions: number
): ((round: number, draw: number) => ReadonlyArray<number>) => {
  const at = new Map<number, (round: number) => ReadonlyArray<number>>()
  return (round, draw) => {
    const own = at.get(draw) ?? rowsOf(draw === 0 ? key : derive(key, "draw", draw), problems, questions)
    at.set(draw, own)
    return own(round)
  }
}

/** The mean of each figure over those that have it. */
const meansOf = (all: ReadonlyArray<Readonly<Record<string, number>>>): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...new Set(all.flatMap(Object.keys))].map((name) => {
      const values = all.flatMap((figures) => figures[name] ?? [])
      return [name, values.reduce((sum, value) => sum + value, 0) / values.length]
    })
  )

const totalsOf = (all: ReadonlyArray<Readonly<Record<string, number>>>): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...new Set(all.flatMap(Object.keys))].map((name) => [
      name,
      all.reduce((sum, figures) => sum + (figures[name] ?? 0), 0)
    ])
  )

/**
 * Draws a round. The first draw has a place for each of its groups; where the filter replaces groups, those of later draws
 * that are learnt from take the places of those that are not, in order, until all are taken or the draws are over. A question
 * has one place in a round.
 */
export const drawing =
  <E, R>(options: DrawingOptions<E, R>) =>
  (round: number): Effect.Effect<Drawn<E>, GenerateError | RewardLawBroken, R> =>
    Effect.gen(function* () {
      const { act, filter, group, keep, key, reward } = options
      const learnable = (judged: Judged<E>) =>
        groupsOf(judged.scores, judged.kept, group, (members) => filter.keeps(members, reward))
      const draw = Effect.fnUntraced(function* (nth: number) {
        const path = nth === 0 ? [round] : [round, nth]
        const rollouts = yield* act(round, nth)
        const watchKey = nth === 0 ? key : derive(key, "draw", nth)
        const judged = yield* judging(options, rollouts, derive(key, "reward", ...path), watchKey, round + 1)
        return { rollouts, judged }
      })

      const first = yield* draw(0)
      const all = [first]
      let stopped = first.judged.stopped
      const rollouts = [...first.rollouts]
      const scores: Array<Score | null> = [...first.judged.scores]
      const groups: Array<Group> = stopped === null ? [...learnable(first.judged)] : []
      if (stopped === null && filter.draws > 1) yield* keep?.(rollouts.map((_, row) => row)) ?? Effect.void
      while (stopped === null && all.length < filter.draws && groups.length * group < rollouts.length) {
        const next = yield* draw(all.length)
        all.push(next)
        stopped = next.judged.stopped
        if (stopped !== null) break
        const taken = new Set(groups.map(({ from }) => rollouts[from]!.problem.question))
        const open = Array.from({ length: rollouts.length / group }, (_, i) => i * group).filter((place) =>
          groups.every(({ from }) => from !== place)
        )
        const rows: Array<number | null> = rollouts.map(() => null)
        for (const { from, scores: own } of learnable(next.judged)) {
          const { question } = next.rollouts[from]!.problem
          const place = taken.has(question) ? undefined : open.shift()
          if (place === undefined) continue
          taken.add(question)
          groups.push({ from: place, scores: own })
          for (let i = 0; i < group; i++) {
            rollouts[place + i] = next.rollouts[from + i]!
            scores[place + i] = next.judged.scores[from + i]!
            rows[place + i] = from + i
          }
        }
        yield* keep?.(rows) ?? Effect.void
      }
      const drawn: Drawn<E> = {
        rollouts,
        scores,
        groups: groups.toSorted((a, b) => a.from - b.from),
        made: {
          rollouts: all.flatMap((each) => each.rollouts),
          scores: all.flatMap(({ judged }) => judged.scores)
        },
        draws: all.length,
        watched: meansOf(all.map(({ judged }) => judged.watched)),
        skipped: totalsOf(all.map(({ judged }) => judged.skipped)),
        events: all.flatMap(({ judged }) => judged.events),
        stopped
      }
      return drawn
    })
