/** Whether a claim holds, from the figures of its cells over seeds. */
import { Evaluate } from "@noema/atp"
import { type Cell, idOf, type WayName } from "./cell.ts"
import type { BedName } from "./beds.ts"
import type { Measured } from "./measured.ts"
import type { MethodName } from "./methods.ts"

/** What is found out about a claim. */
export type Verdict = "supported" | "not supported" | "undecided" | "not run"

/** A verdict with what it rests on, in words. */
export interface Judgement {
  readonly verdict: Verdict
  readonly evidence: string
}

/** A claim: one sentence, where it is from, the cells that it is judged by, and how. */
export interface Claim {
  readonly id: string
  readonly sentence: string
  readonly source: string
  readonly tests: ReadonlyArray<Test>
}

/** The figures of a cell. */
export type Find = (cell: Cell) => Measured | null

/** One thing that has to be so for a claim: its cells by seed, a figure of a seed, and what that is to be above. */
export interface Test {
  readonly what: string
  readonly cells: (seed: number) => ReadonlyArray<Cell>
  readonly figure: (measured: ReadonlyArray<Measured>) => number | null
  readonly above: number
  /** How the figure is written. */
  readonly unit: "points" | "share" | "number"
}

/** Seeds of all cells. */
export const seeds = [1, 2, 3] as const

const inUnit = (value: number, unit: Test["unit"]): string =>
  unit === "points"
    ? `${value >= 0 ? "+" : ""}${(100 * value).toFixed(1)} points`
    : unit === "share"
      ? `${(100 * value).toFixed(1)} %`
      : value.toFixed(2)

const bounds = (low: number, high: number, unit: Test["unit"]): string => {
  const scale = unit === "number" ? 1 : 100
  const places = unit === "number" ? 2 : 1
  return `${(scale * low).toFixed(places)} to ${(scale * high).toFixed(places)}`
}

/** What a test says: above the bound with all of its interval over seeds, below it with all, or neither. Single seeds say nothing. */
export const judgeTest = ({ above, cells, figure, unit, what }: Test, find: Find): Judgement => {
  const needed = seeds.map(cells)
  const missing = needed.flat().filter((cell) => find(cell) === null)
  const figureOf = (own: ReadonlyArray<Cell>) => figure(own.map((cell) => find(cell)!))
  if (missing.length > 0) {
    const some = seeds.flatMap((seed, i) => {
      const value = needed[i]!.some((cell) => find(cell) === null) ? null : figureOf(needed[i]!)
      return value === null ? [] : [`${inUnit(value, unit)} on seed ${seed}, `]
    })
    return {
      verdict: "not run",
      evidence: `${what}: ${some.join("")}${missing.length} of ${needed.flat().length} cells were not run`
    }
  }
  const figures = needed.map(figureOf)
  const there = figures.filter((value) => value !== null)
  if (there.length < figures.length) return { verdict: "undecided", evidence: `${what}: cannot be measured` }
  const { high, low, mean } = Evaluate.overSeeds(there)
  const verdict = low > above ? "supported" : high < above ? "not supported" : "undecided"
  const bound = above === 0 ? "" : `, to be above ${inUnit(above, unit).replace("+", "")}`
  return { verdict, evidence: `${what}: ${inUnit(mean, unit)} (${bounds(low, high, unit)}${bound})` }
}

/** A claim is supported where all of its tests say so, and not where one says that it is not so. */
export const judge = ({ tests }: Claim, find: Find): Judgement => {
  const judged = tests.map((test) => judgeTest(test, find))
  const some = (verdict: Verdict) => judged.some((each) => each.verdict === verdict)
  const verdict = (["not supported", "not run", "undecided", "supported"] as const).find(some)!
  return { verdict, evidence: judged.map(({ evidence }) => evidence).join("; ") }
}

/** A cell but for its seed: a method on a bed, and a way on from there. */
export const at =
  (method: MethodName, way: WayName = "start", bed: BedName = "arithmetic") =>
  (seed: number): Cell => ({ bed, method, way, seed })

type At = ReturnType<typeof at>

/** How far a figure of one is above that of another, of the same seed. */
export const more = (
  what: string,
  one: At,
  than: At,
  of: (measured: Measured) => number | null = ({ accuracy }) => accuracy,
  least = 0,
  unit: Test["unit"] = "points"
): Test => ({
  what,
  cells: (seed) => [one(seed), than(seed)],
  figure: ([a, b]) => {
    const [x, y] = [of(a!), of(b!)]
    return x === null || y === null ? null : x - y
  },
  above: least,
  unit
})

/** A figure of one that is to be above a bound. */
export const over = (
  what: string,
  one: At,
  of: (measured: Measured) => number | null,
  above: number,
  unit: Test["unit"] = "share"
): Test => ({ what, cells: (seed) => [one(seed)], figure: ([a]) => of(a!), above, unit })

/** The cells of a claim, each once. */
export const cellsOf = ({ tests }: Claim): ReadonlyArray<Cell> => {
  const all = tests.flatMap(({ cells }) => seeds.flatMap(cells))
  return [...new Map(all.map((cell) => [idOf(cell), cell])).values()]
}
