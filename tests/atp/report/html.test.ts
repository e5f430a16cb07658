import { Chart, Report, ReportSummary } from "../inside.ts"
import * as Schema from "effect/Schema"
import fc from "fast-check"
import { expect, test } from "vitest"

const line = (name: string): ReportSummary.Line => ({
  name,
  points: [
    [0, 1],
    [1, 0.5],
    [2, 0.25]
  ]
})
const result: ReportSummary.Result = {
  method: "ATP-Latent",
  set: "id",
  latents: "mean",
  problems: 10,
  accuracy: 0.7,
  chance: 0.25,
  tokens: 5.5,
  chains: {
    watched: [
      ["coherence (strict)", 0.25],
      ["chain solves", 0.125]
    ],
    adaptivity: 0.987
  },
  byDifficulty: [{ steps: 1, problems: 10, accuracy: 0.7, tokens: 5.5 }],
  asked: "00c0ffee",
  outcomes: "1111111000",
  card: null
}
const share = (share: number, of = 10) => ({ share, of })
const card: ReportSummary.Result["card"] = {
  problems: 10,
  asIs: 0.7,
  zeroed: 0.1,
  mean: 0.2,
  swapped: 0,
  donor: 0.6,
  exchanged: 9,
  stays: share(0.1),
  goes: share(0.8),
  lastOnly: 0.3,
  noise: 0.65,
  early: [0.1, 0.4],
  steps: [
    { zeroed: share(0.2), follows: share(0.9, 8), keeps: share(0.1, 8) },
    { zeroed: share(0.3, 5), follows: null, keeps: null }
  ],
  follows: share(0.9, 8),
  chains: { rightAndWhole: 4, rightNotWhole: 3, wrongAndWhole: 2, wrongNotWhole: 1 },
  probes: [
    { property: "result", place: 0, accuracy: 0.95, chance: 0.15, of: 10 },
    { property: "step", place: null, accuracy: 1, chance: 0.55, of: 15 }
  ],
  verdict: { answers: "come from latents", chain: "goes on", sentence: "answers come <from> the latents" },
  absent: []
}
const summary = new ReportSummary.Summary({
  title: "A run with <tags> & signs",
  facts: [["seed", "1"]],
  findings: ["Better is <RL>."],
  training: [{ method: "ATP-Latent", terms: [line("answer"), line("KL")] }],
  reinforcement: [
    {
      method: "ATP-Latent",
      means: [line("reward")],
      deviations: [line("reward")],
      flat: [line("correct")],
      others: [{ unit: "entropy in nats", lines: [line("answers.entropy")] }]
    }
  ],
  events: ["rl: the reward <judge> failed"],
  results: [
    { ...result, card },
    { ...result, set: "hard", accuracy: 0.333 },
    { ...result, latents: "sampled" }
  ],
  differences: [{ set: "id", row: "RL", against: "ATP <Latent>", mean: 0.051, low: -0.0039, high: 0.063, of: 883 }],
  latentUse: [
    { steps: 1, groups: 1, count: 9 },
    { steps: 2, groups: 1, count: 1 }
  ],
  passAtK: [line("sampled")],
  completions: [],
  samples: [
    {
      question: "1 < 2?",
      expected: "2",
      gold: ["<<1+1=2>>"],
      before: { steps: ["<<1+1=3>>"], answer: "3" },
      after: { steps: [], answer: null }
    }
  ]
})
const page = Report.html(summary)

/** Elements that are opened and not closed, or closed and not opened. */
const unbalanced = (html: string): ReadonlyArray<string> => {
  const open: Array<string> = []
  const alone = new Set(["meta", "br", "!doctype"])
  for (const [, close, name, self] of html.matchAll(/<(\/?)([!a-z][a-z0-9]*)[^>]*?(\/?)>/gi)) {
    if (self === "/" || alone.has(name!.toLowerCase())) continue
    if (close === "") open.push(name!)
    else if (open.pop() !== name) return [name!, ...open]
  }
  return open
}

test("the page is whole and loads nothing", () => {
  expect(unbalanced(page)).toEqual([])
  expect(page).not.toMatch(/\b(src|href)=|https?:|@import|<script/)
})

test("a set whose questions do not say how many steps they need has no table by steps", () => {
  const unknown = { ...result, set: "answers alone", byDifficulty: [{ ...result.byDifficulty[0]!, steps: 0 }] }
  const both = Report.html(new ReportSummary.Summary({ ...summary, results: [result, unknown] }))
  expect(both).toContain("<h3>id</h3>")
  expect(both).not.toContain("<h3>answers alone</h3>")
})

test("every section shows its figures, with text made safe", () => {
  expect(page).toContain("A run with &lt;tags&gt; &amp; signs")
  expect(page).toContain("33.3 <small>[10.8, 60.3] (5.5)</small>")
  expect(page).toContain("<th>hard (10)</th>")
  expect(page).toContain('<th scope="row">a guess</th><td>25.0</td>')
  expect(page).toContain("<p>Better is &lt;RL&gt;.</p>")
  expect(page).toContain("<td>0.25</td><td>0.13</td><td>0.99</td>")
  expect(page).toContain("ATP-Latent, latents sampled")
  expect(page).toContain("&lt;&lt;1+1=3&gt;&gt;")
  expect(page).toContain('<b class="wrong">no answer</b>')
  expect(page).toContain("<li>rl: the reward &lt;judge&gt; failed</li>")
  expect(page).toContain("<th>ATP &lt;Latent&gt;</th>")
  expect(page).toContain("<td>+5.1 [−0.4, 6.3]</td>")
  expect(page).toContain("<b>ATP-Latent, latents mean</b>: answers come &lt;from&gt; the latents.</p>")
  expect(page).toContain('<th scope="row">first step another question\'s, rest anew: follows</th><td>90.0')
  expect(page).toContain('<th scope="row">asked after 1 step: right</th><td>40.0 [16.8, 68.7] of 10</td>')
  expect(page).toContain('<th scope="row">right, after a whole chain and not</th><td>4 and 3</td>')
  expect(page).toContain('<th scope="row">result out of latent 1</th><td>95.0 (15.0)</td>')
  // Seven curves; on the first screen a name's lead, and the reward as it is and smoothed.
  expect(page.match(/<polyline/g)).toHaveLength(10)
})

test("an answer is right in the report where it is right in the figures", () => {
  const [sample] = summary.samples
  const [before, after] = [
    { steps: [], answer: "1,000.0" },
    { steps: [], answer: "1001" }
  ]
  const shown = Report.html(
    new ReportSummary.Summary({ ...summary, samples: [{ ...sample!, expected: "1000", before, after }] })
  )
  expect(shown).toContain('<b class="right">1,000.0</b>')
  expect(shown).toContain('<b class="wrong">1001</b>')
})

test("the page shows what the summary beside it says, and nothing else", () => {
  const read = Schema.decodeUnknownSync(ReportSummary.Summary)(JSON.parse(JSON.stringify(summary)))
  expect(Report.html(read)).toBe(page)
})

test("cards of a set stand side by side, with a gap where one has no such row", () => {
  const other = { ...result, method: "other", card: { ...card, early: [], probes: [], chains: null } }
  const both = Report.html(new ReportSummary.Summary({ ...summary, results: [{ ...result, card }, other] }))
  expect(both).toContain("<th>latents</th><th>ATP-Latent, latents mean</th><th>other, latents mean</th>")
  expect(both).toContain('<th scope="row">right, after a whole chain and not</th><td>4 and 3</td><td></td>')
  expect(both).toContain('<th scope="row">step out of any latent</th><td>100.0 (55.0)</td><td></td>')
  expect(unbalanced(both)).toEqual([])
})

test("a run without reinforcement or samples has no such section", () => {
  const bare = Report.html(
    new ReportSummary.Summary({
      ...summary,
      results: [result],
      differences: [],
      reinforcement: [],
      events: [],
      samples: [],
      completions: [],
      passAtK: [],
      latentUse: []
    })
  )
  expect(bare).not.toContain("Differences")
  expect(bare).not.toContain("Whether answers")
  expect(unbalanced(bare)).toEqual([])
  expect(bare).not.toContain("Reinforcement")
  expect(bare).not.toContain("What went wrong")
  expect(bare).not.toContain("pass@k")
})

test("points of a chart lie within its picture, whatever the values", () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(fc.array(fc.tuple(value, fc.oneof(value, fc.constant(Number.NaN))), { maxLength: 20 }), (points) => {
      const svg = Chart.lineChart([{ name: "l", points: points.toSorted(([a], [b]) => a - b) }], { x: "x", y: "y" })
      expect(svg).not.toContain("NaN")
      for (const [, x, y] of svg.matchAll(/(-?[\d.]+),(-?[\d.]+)(?=[ "])/g)) {
        expect(Number(x)).toBeGreaterThanOrEqual(0)
        expect(Number(x)).toBeLessThanOrEqual(460)
        expect(Number(y)).toBeGreaterThanOrEqual(0)
        expect(Number(y)).toBeLessThanOrEqual(240)
      }
    })
  )
})

test("a range too narrow to divide has one mark", () => {
  expect(Chart.ticks(-5e-324, 1e-323)).toHaveLength(1)
  expect(Chart.ticks(1e6, 1e6 + 1e-9)).toEqual([1e6])
})

test("ticks are round, ascending and within the range", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e5, max: 1e5, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
      (low, span) => {
        const marks = Chart.ticks(low, low + span)
        expect(marks.length).toBeLessThanOrEqual(8)
        marks.forEach((mark, i) => {
          expect(mark).toBeGreaterThanOrEqual(low - 1e-6 * (Math.abs(low) + span))
          expect(mark).toBeLessThanOrEqual(low + span + 1e-6 * (Math.abs(low) + span))
          if (i > 0) expect(mark).toBeGreaterThan(marks[i - 1]!)
        })
      }
    )
  )
})
