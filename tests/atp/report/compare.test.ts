/** Runs held against each other: which make a row together, what a row is held against, and what the difference is. */
import { Evaluate, Report } from "@noema/atp"
import fc from "fast-check"
import { expect, test } from "vitest"

const outcomes = fc.array(fc.boolean(), { minLength: 20, maxLength: 20 })

const resultOf = (method: string, right: ReadonlyArray<boolean>, asked = "same"): Report.Result => ({
  method,
  set: "id",
  latents: "mean",
  problems: right.length,
  accuracy: right.filter(Boolean).length / right.length,
  chance: 0.2,
  tokens: 3,
  chains: null,
  byDifficulty: [],
  asked,
  outcomes: right.map((each) => (each ? "1" : "0")).join(""),
  card: null
})

const runOf = (
  path: string,
  config: { readonly seed: number; readonly [option: string]: number },
  results: ReadonlyArray<Report.Result>
): Report.Ended => ({
  path,
  config,
  summary: new Report.Summary({
    title: "a run",
    facts: [],
    findings: [],
    training: [],
    reinforcement: [],
    events: [],
    results,
    differences: [],
    latentUse: [],
    passAtK: [],
    samples: [],
    completions: []
  })
})

test("runs that differ by their seed alone are a row for each method, in whatever order they are given", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(outcomes, outcomes), { minLength: 2, maxLength: 5 }), fc.nat(), (seeds, turn) => {
      const runs = seeds.map(([one, two], seed) =>
        runOf(`runs/${seed}`, { seed }, [resultOf("one", one), resultOf("two", two)])
      )
      const [table] = Report.compared(runs)
      const [one, two] = table!.rows
      const accuracies = runs.map(({ summary }) => summary.results.map(({ accuracy }) => accuracy))
      expect(one).toMatchObject({ name: "one", over: "seeds", against: null })
      expect(one!.accuracy).toEqual(Evaluate.overSeeds(accuracies.map(([first]) => first!)))
      expect(two!.against).toEqual({
        name: "one",
        over: "seeds",
        ...Evaluate.overSeeds(accuracies.map(([first, second]) => second! - first!))
      })
      const at = turn % runs.length
      const [turned] = Report.compared([...runs.slice(at), ...runs.slice(0, at)])
      expect(turned!.rows[1]!.accuracy.mean).toBeCloseTo(two!.accuracy.mean, 12)
      expect(turned!.rows[1]!.against!.mean).toBeCloseTo(two!.against!.mean, 12)
    })
  )
})

test("runs of other options are held against the same method of the first, and are called by what differs", () => {
  fc.assert(
    fc.property(outcomes, outcomes, (before, after) => {
      const [table] = Report.compared([
        runOf("runs/a", { seed: 1, rounds: 10, batch: 8 }, [resultOf("one", before)]),
        runOf("runs/b", { seed: 1, rounds: 20, batch: 8 }, [resultOf("one", after)])
      ])
      expect(table!.rows.map(({ name }) => name)).toEqual(["one, rounds=10", "one, rounds=20"])
      const { against } = table!.rows[1]!
      expect(against).toMatchObject({ name: "one, rounds=10", over: "questions", of: 20 })
      const more = after.filter(Boolean).length - before.filter(Boolean).length
      expect(against!.mean).toBeCloseTo(more / 20, 12)
      expect(Report.comparisonText([table!])).toContain("one, rounds=20")
      for (const line of Report.comparisonText([table!]).split("\n").slice(0, -2))
        expect(line.length).toBeLessThanOrEqual(80)
    })
  )
})

test("other questions are held against nothing, and what is the same twice is refused", () => {
  const right = Array.from({ length: 20 }, (_, i) => i % 2 === 0)
  const a = runOf("runs/a", { seed: 1, rounds: 10 }, [resultOf("one", right)])
  const [table] = Report.compared([a, runOf("runs/b", { seed: 1, rounds: 20 }, [resultOf("one", right, "others")])])
  expect(table!.rows[1]!.against).toBeNull()
  expect(() => Report.compared([a, { ...a, path: "runs/copy" }])).toThrow(
    "runs/a and runs/copy have the same options and the same seed 1; leave one of them out"
  )
  expect(() => Report.compared([a], "two")).toThrow("no row is called two; there is one")
  expect(() => Report.compared([runOf("runs/a", { seed: 1 }, [])])).toThrow("nothing was evaluated in runs/a")
})

test("of runs that differ by their seed alone a chart has the mean, in a band of all of them", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 4 }), (losses) => {
      const runs = losses.map((loss, seed) => {
        const run = runOf(`runs/${seed}`, { seed }, [resultOf("one", [true])])
        const points = [1, 2].map((update) => [update, loss] as const)
        const training = [{ method: "one", terms: [{ name: "total", points }] }]
        return { ...run, summary: new Report.Summary({ ...run.summary, training }) }
      })
      const drawn = Report.comparisonPage(runs, Report.compared(runs))
      expect(drawn.match(/<polyline/g)).toHaveLength(1)
      const heights = (tag: string) =>
        [...drawn.match(new RegExp(`<${tag} class="[^"]*" points="([^"]*)"`))![1]!.matchAll(/,(\d+)/g)].map(([, y]) =>
          Number(y)
        )
      const [line, band] = [heights("polyline"), heights("polygon")]
      // Heights grow downwards, and the axis begins at 0: the band is from the largest loss to the smallest.
      const most = Math.max(...losses)
      const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length
      expect(Math.min(...band)).toBeLessThanOrEqual(Math.min(...line))
      expect(Math.max(...band)).toBeGreaterThanOrEqual(Math.max(...line))
      expect(mean > most - 0.05 || Math.min(...line) > Math.min(...band)).toBe(true)
      expect(drawn).toContain(`${losses.length} seeds`)
    })
  )
})

test("a page has every row, and nothing that a name could do to it", () => {
  const right = Array.from({ length: 20 }, () => true)
  const run = runOf("runs/<b>", { seed: 1 }, [resultOf("<i>one", right), resultOf("two", right)])
  const page = Report.comparisonPage([run], Report.compared([run]))
  expect(page).toContain("&lt;i&gt;one")
  expect(page).not.toContain("<i>")
  expect(page).toContain("Not told apart")
})
