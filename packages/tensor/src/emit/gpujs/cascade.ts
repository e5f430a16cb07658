/**
 * Long sums in steps, so that their error does not grow with their length: sixteen terms make a part, sixteen parts a
 * part of parts, and so on. Unlike a compensated sum that is right whatever a driver makes of the order of additions.
 */
import type { Dialect } from "./dialect.ts"
import { block, type Statement } from "./text.ts"

const stepSize = 16

/** Sums of so many terms are added up as they are. */
const short = 2 * stepSize

export interface Cascade {
  /** Declares what the sums need beside themselves. */
  readonly before: ReadonlyArray<Statement>
  /** What the terms of a sum are added to. */
  readonly into: (sum: string) => string
  /** After each term of all sums. */
  readonly each: ReadonlyArray<Statement>
  /** After the last one. */
  readonly after: ReadonlyArray<Statement>
}

/** Sums of `turns` terms each, side by side in one loop. */
export const cascade = (
  sums: ReadonlyArray<string>,
  turns: number,
  dialect: Dialect,
  fresh: (stem: string) => string
): Cascade => {
  const levels: Array<{ readonly turn: string; readonly parts: ReadonlyArray<string> }> = []
  for (let left = turns; left > short && sums.length > 0; left /= stepSize)
    levels.push({ turn: fresh("turn"), parts: sums.map(() => fresh("part")) })
  const zero = dialect.literal(0)
  const above = (level: number): ReadonlyArray<string> => levels[level + 1]?.parts ?? sums
  /** A full level goes into the one above. */
  const carry = (level: number): ReadonlyArray<Statement> => {
    const here = levels[level]
    if (here === undefined) return []
    const { parts, turn } = here
    return [
      `${turn} += ${dialect.literal(1)};`,
      block(`if (${dialect.compare("eq", turn, dialect.literal(stepSize))}) {`, [
        `${turn} = ${zero};`,
        ...parts.flatMap((part, i) => [`${above(level)[i]!} += ${part};`, `${part} = ${zero};`]),
        ...carry(level + 1)
      ])
    ]
  }
  return {
    before: levels.flatMap(({ parts, turn }) => [turn, ...parts].map((name) => dialect.variable(name, zero))),
    into: (sum) => levels[0]?.parts[sums.indexOf(sum)] ?? sum,
    each: carry(0),
    after: levels.flatMap(({ parts }, level) => parts.map((part, i) => `${above(level)[i]!} += ${part};`))
  }
}
