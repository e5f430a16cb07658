/** Whether a reward tells right attempts from wrong ones at the same question. */
import { derive, type Key } from "../random/key.ts"
import { bootstrap, type Estimate } from "./bootstrap.ts"

/**
 * How often a right attempt is scored above a wrong one at the same question, ties being half: the area under the ROC curve
 * within questions. Its mean over the questions that have both, and their 95 % interval; 0.5 is a coin.
 */
export interface Tells extends Estimate {
  readonly reward: string
}

/** An attempt as it is told apart: whether it is right, and what a reward gives it. */
export interface Scored {
  readonly right: boolean
  readonly score: number
}

const areaOf = (attempts: ReadonlyArray<Scored>): number | null => {
  const [right, wrong] = [true, false].map((is) => attempts.filter((each) => each.right === is))
  if (right!.length === 0 || wrong!.length === 0) return null
  const above = right!.flatMap((one) =>
    wrong!.map((other) => (one.score > other.score ? 1 : one.score === other.score ? 0.5 : 0))
  )
  return above.reduce((sum: number, each) => sum + each, 0) / above.length
}

/**
 * How well scores tell right attempts from wrong ones, from the attempts at each question; null where no question has both.
 *
 * @example
 * const attempts = [{ right: true, score: 1 }, { right: false, score: 0.5 }, { right: false, score: 1 }]
 * Evaluate.tellsOf("coherence", [attempts], Key.fromSeed(1))?.mean // => (1 + 0.5) / 2
 * Evaluate.tellsOf("coherence", [[{ right: true, score: 1 }]], Key.fromSeed(1)) // => null
 */
export const tellsOf = (reward: string, byQuestion: ReadonlyArray<ReadonlyArray<Scored>>, key: Key): Tells | null => {
  const areas = byQuestion.flatMap((attempts) => areaOf(attempts) ?? [])
  if (areas.length === 0) return null
  return { reward, ...bootstrap(areas, derive(key, "tells", reward)) }
}
