/** What a lesson draws of a learner's numbers, once they are right. */

/** A line of a plot: points from left to right. */
export interface Line {
  readonly name: string
  readonly points: ReadonlyArray<readonly [x: number, y: number]>
}

/** Lines over a common axis; the other one reaches from 0 to `most` at least. */
export interface Plot {
  /** What is to be seen, in a sentence. */
  readonly title: string
  readonly x: string
  readonly y: string
  readonly most: number
  readonly lines: ReadonlyArray<Line>
}
