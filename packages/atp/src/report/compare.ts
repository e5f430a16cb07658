/** Several runs held against each other: by seed where they differ in nothing else, and by what they were begun with. */
import * as Data from "effect/Data"
import { type Estimate, overSeeds } from "../evaluate/bootstrap.ts"
import { plain, shownValue } from "../input/shown.ts"
import type { Plain, Tree } from "../run/begun.ts"
import { accuracyBounds, isAskedAlike, resultDifference } from "./differences.ts"
import { unique } from "./markup.ts"
import type { Result, Summary } from "./summary.ts"

/**
 * A run that has ended: where it is, what it was begun with, and what came of it.
 *
 * @example
 * const summary = new Report.Summary({ ...Report.ofTraining("mine", []), results: [result] })
 * const run: Report.Ended = { path: "runs/mine", config: { seed: 1 }, summary }
 * Report.compared([run])[0].rows.map(({ name }) => name) // => ["Coconut"]
 */
export interface Ended {
  readonly path: string
  readonly config: Tree
  readonly summary: Summary
}

/**
 * Runs that cannot be held against each other.
 *
 * @example
 * Report.compared([{ path: "runs/a", config: { seed: 1 }, summary: Report.ofTraining("a", []) }])
 * // throws nothing was evaluated in runs/a
 */
export class BadComparison extends Data.TaggedError("BadComparison")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/** How much more accurate a row is than another. */
export interface Against extends Estimate {
  readonly name: string
  /** What the interval is over: another seed may change more than other questions do. */
  readonly over: "questions" | "seeds"
}

/** A method of runs that differ by their seeds alone. */
export interface Row {
  readonly name: string
  readonly accuracy: Estimate
  readonly over: "questions" | "seeds"
  readonly tokens: number
  readonly seeds: ReadonlyArray<number>
  /** Null for a row that is held against nothing: that which others are, or one without questions in common. */
  readonly against: Against | null
}

/** Rows on one set of questions. */
export interface Table {
  readonly set: string
  /** Questions of each seed. */
  readonly questions: number
  readonly chance: number
  readonly rows: ReadonlyArray<Row>
}

/** Runs that differ by their seeds alone. */
export interface Group {
  /** The options in which groups differ, with the values of this one; empty where there is one group. */
  readonly label: string
  readonly runs: ReadonlyArray<Ended & { readonly seed: number }>
}

/** The options of a config by path. */
const leaves = (tree: Tree, path = ""): ReadonlyArray<readonly [path: string, value: Plain]> =>
  Object.entries(tree).flatMap(([name, value]) => {
    const here = path === "" ? name : `${path}.${name}`
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? leaves(value as Tree, here)
      : [[here, value] as const]
  })

const seedOf = ({ config }: Ended): number => (typeof config["seed"] === "number" ? config["seed"] : 0)

/** What a label says at most, before it is the folder that says which runs are meant. */
const mostOptions = 2

/** Runs by all that they were begun with but for the seed. */
export const groupsOf = (runs: ReadonlyArray<Ended>): ReadonlyArray<Group> => {
  const optionsOf = ({ config }: Ended) => new Map(leaves(config).filter(([path]) => path !== "seed"))
  const all = Map.groupBy(runs, (run) => JSON.stringify([...optionsOf(run)]))
  const options = [...all.values()].map(([first]) => optionsOf(first!))
  const paths = unique(options.flatMap((each) => [...each.keys()]))
  const differing = paths.filter((path) => new Set(options.map((each) => JSON.stringify(each.get(path)))).size > 1)
  return [...all.values()].map((runs, at): Group => {
    const said = differing.map((path) => {
      const value = options[at]!.get(path)
      return `${plain(path, 60)}=${value === undefined ? "none" : shownValue(value)}`
    })
    return {
      label: said.length > mostOptions ? plain(runs[0]!.path, 60) : said.join(" "),
      runs: runs.map((run) => ({ ...run, seed: seedOf(run) }))
    }
  })
}

/** Latents are at their mean where nothing else is said. */
const methodOf = ({ latents, method }: Result): string => (latents === "sampled" ? `${method}, sampled` : method)

/** One row's results by seed. */
interface Found {
  readonly name: string
  readonly method: string
  readonly group: number
  readonly bySeed: ReadonlyMap<number, Result>
}

const estimate = (results: ReadonlyArray<Result>): Pick<Row, "accuracy" | "over"> => {
  if (results.length > 1) return { accuracy: overSeeds(results.map(({ accuracy }) => accuracy)), over: "seeds" }
  const { accuracy, problems } = results[0]!
  const [low, high] = accuracyBounds(results[0]!)
  return { accuracy: { mean: accuracy, low, high, of: problems }, over: "questions" }
}

/** Of seeds that both have, on the same questions. */
const heldAgainst = ({ bySeed }: Found, other: Found): Against | null => {
  const pairs = [...bySeed].flatMap(([seed, one]) => {
    const two = other.bySeed.get(seed)
    return two !== undefined && isAskedAlike(one, two) ? [[one, two] as const] : []
  })
  const { name } = other
  if (pairs.length > 1)
    return { name, over: "seeds", ...overSeeds(pairs.map(([one, two]) => one.accuracy - two.accuracy)) }
  const difference = pairs.length === 0 ? null : resultDifference(...pairs[0]!)
  return difference === null ? null : { name, over: "questions", ...difference }
}

const foundOn = (set: string, groups: ReadonlyArray<Group>): ReadonlyArray<Found> =>
  groups.flatMap(({ label, runs }, group) => {
    const of = runs.map(({ seed, summary }) => ({ seed, results: summary.results.filter((each) => each.set === set) }))
    return unique(of.flatMap(({ results }) => results.map(methodOf))).map((method): Found => ({
      name: label === "" ? method : `${method}, ${label}`,
      method,
      group,
      bySeed: new Map(
        of.flatMap(({ results, seed }) => {
          const result = results.find((each) => methodOf(each) === method)
          return result === undefined ? [] : [[seed, result] as const]
        })
      )
    }))
  })

/**
 * What runs say together, a table for every set of questions. Runs that differ by their seed alone are one row for each
 * method: the mean over seeds with Student's 95 % interval, or of one seed its share with Wilson's. A row is held against the
 * one called `against`; unless that is given, against the same method of the first runs, and a method of those against the
 * first one: the mean of the differences by seed, or of one seed the paired bootstrap over its questions. Throws
 * `BadComparison` where two runs are the same, where nothing was evaluated, or where no row is called so.
 *
 * @example
 * const ended = (path: string, seed: number, accuracy: number) => ({
 *   path, config: { seed },
 *   summary: new Report.Summary({ ...Report.ofTraining(path, []), results: [{ ...result, accuracy }] })
 * })
 * const [table] = Report.compared([ended("runs/a", 1, 0.75), ended("runs/b", 2, 0.5)])
 * table.rows[0].accuracy.mean // => 0.625
 * table.rows[0].seeds // => [1, 2]
 */
export const compared = (runs: ReadonlyArray<Ended>, against?: string): ReadonlyArray<Table> => {
  const groups = groupsOf(runs)
  for (const { runs } of groups)
    for (const [at, { path, seed }] of runs.entries()) {
      const same = runs.slice(0, at).find((other) => other.seed === seed)
      if (same !== undefined)
        throw new BadComparison({
          reason: `${same.path} and ${path} have the same options and the same seed ${seed}; leave one of them out`
        })
    }
  const sets = unique(runs.flatMap(({ summary }) => summary.results.map(({ set }) => set)))
  if (sets.length === 0) throw new BadComparison({ reason: `nothing was evaluated in ${runs[0]?.path ?? "no run"}` })
  const tables = sets.map((set): Table => {
    const found = foundOn(set, groups)
    const others = (each: Found): Found | undefined =>
      against === undefined
        ? (found.find(({ group, method }) => group < each.group && method === each.method) ?? found[0])
        : found.find(({ name }) => name === against)
    const [first] = found[0]!.bySeed.values()
    return {
      set,
      questions: first!.problems,
      chance: first!.chance,
      rows: found.map((each): Row => {
        const other = others(each)
        const results = [...each.bySeed.values()]
        return {
          name: each.name,
          ...estimate(results),
          tokens: results.reduce((sum, { tokens }) => sum + tokens, 0) / results.length,
          seeds: [...each.bySeed.keys()],
          against: other === undefined || other === each ? null : heldAgainst(each, other)
        }
      })
    }
  })
  const names = unique(tables.flatMap(({ rows }) => rows.map(({ name }) => name)))
  if (against !== undefined && !names.includes(against))
    throw new BadComparison({ reason: `no row is called ${plain(against, 60)}; there is ${names.join("; ")}` })
  return tables
}
