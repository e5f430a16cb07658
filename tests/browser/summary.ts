/** A summary as large as that of the demo: its stages, sets and curves, with figures that a hash makes up. */
import { Report } from "@noema/atp"

/** A number between 0 and 1 by what it is of. */
const unit = (of: string): number => {
  let hash = 2166136261
  for (const sign of of) hash = Math.imul(hash ^ sign.codePointAt(0)!, 16777619)
  return (hash >>> 0) / 2 ** 32
}

const curve = (name: string, points = 150): Report.Line => ({
  name,
  points: Array.from({ length: points }, (_, i) => [i + 1, 0.5 + 0.3 * unit(`${name}${i}`)] as const)
})

const sets = { id: 1000, hard: 170, simple: 122, distract: 136, long: 1000 }
const methods = {
  "CoT-SFT": 19.5,
  "No-CoT": 2,
  "SIM-CoT": 5,
  "SIM-CoT, one more latent": 6,
  "ATP-Latent, released": 4.9,
  "ATP-Latent, grounded": 4.9,
  "ATP-Latent": 4.9,
  "+ more supervised": 4.9,
  "+ right answers supervised": 4.9,
  "+ random reward": 4.9,
  "+ RL": 4.9
}

const cardOf = (problems: number): NonNullable<Report.Result["card"]> => {
  const share = (of: number) => ({ share: 0.6, of })
  return {
    problems,
    asIs: 0.6,
    zeroed: 0.13,
    mean: 0.12,
    swapped: 0.06,
    donor: 0.6,
    exchanged: problems,
    stays: share(problems),
    goes: share(problems),
    lastOnly: 0.6,
    noise: 0.45,
    early: [0.13, 0.12, 0.17],
    steps: Array.from({ length: 3 }, () => ({ zeroed: share(problems), follows: share(260), keeps: share(260) })),
    follows: share(260),
    chains: { rightAndWhole: 300, rightNotWhole: 300, wrongAndWhole: 20, wrongNotWhole: 380 },
    probes: [0, 1, 2].flatMap((place) =>
      ["operator", "left", "right", "result"].map((property) => ({
        property,
        place,
        accuracy: 0.8,
        chance: 0.2,
        of: 800
      }))
    ),
    verdict: {
      answers: "come from latents",
      chain: "goes on",
      sentence:
        "answers come from the latents: when these are another question's, 75.1 % of 912 (72.2 to 77.8) become its answer and 3.2 % of 912 (2.2 to 4.5) stay, and later latents go on from the first: when the first changes, 70.3 % of 263 (64.6 to 75.5) change as the steps say and 6.1 % of 263 (3.8 to 9.7) stay"
    },
    absent: []
  }
}

const resultOf = (method: string, tokens: number, set: string, problems: number): Report.Result => {
  const outcomes = Array.from({ length: problems }, (_, i) => (unit(`${method}${set}${i}`) < 0.6 ? "1" : "0")).join("")
  const latent = tokens > 3 && tokens < 10
  return {
    method,
    set,
    latents: latent ? "mean" : "none",
    problems,
    accuracy: [...outcomes].filter((each) => each === "1").length / problems,
    chance: 0.143,
    tokens,
    chains: {
      watched: ["coherence (strict)", "coherence (code)", "step validity", "gold-step match", "chain solves"].map(
        (name) => [name, 0.7] as const
      ),
      adaptivity: 0.98
    },
    byDifficulty: [1, 2, 3].map((steps) => ({ steps, problems: 300, accuracy: 0.6, tokens })),
    asked: set,
    outcomes,
    card: latent && set === "id" ? cardOf(problems) : null
  }
}

const completion = (round: number): Report.Completion => ({
  round,
  question: "5 + 4 + 5 + 6",
  gold: { steps: ["5 + 4 = 2", "2 + 5 = 0", "0 + 6 = 6"], answer: "6" },
  before: "6",
  after: "6",
  steps: ["5 + 4 = 2", "4 + 1 = 5", "0 + 0 = 0"],
  legal: [true, true, true],
  answer: round % 3 === 0 ? "5" : "6",
  right: round % 3 !== 0,
  reward: 1.6,
  rewards: { correct: 1, format: 1, "coherence (strict)": 0.5 },
  advantage: 0.25
})

const sampleOf = (answer: string, steps: ReadonlyArray<string>): Report.Sample => ({
  question: "5 + 4 + 5 + 6",
  expected: "6",
  gold: ["5 + 4 = 2", "2 + 5 = 0", "0 + 6 = 6"],
  before: { steps, answer },
  after: { steps, answer }
})

/** The summary. */
export const demoSummary = (): Report.Summary => {
  const results = Object.entries(methods).flatMap(([method, tokens]) =>
    Object.entries(sets).map(([set, problems]) => resultOf(method, tokens, set, problems))
  )
  const means = [
    "reward",
    "accuracy",
    "correct",
    "format",
    "coherence (strict)",
    "coherence (strict), watched",
    "step validity, watched"
  ]
  return new Report.Summary({
    title: "ATP-Latent on arithmetic modulo 7",
    facts: Array.from({ length: 12 }, (_, i) => [`fact ${i}`, "of the run, and of what it was begun with"] as const),
    findings: ["Against ATP-Latent, in points with what 95 % of paired resamples say: better is + RL."],
    training: Object.keys(methods).map((method) => ({
      method,
      terms: ["text", "steps", "stop", "kl"].map((name) => curve(name))
    })),
    reinforcement: ["atp-latent-random: random", "atp-latent-rl: correct + format + coherence"].map((method) => ({
      method,
      means: means.map((name) => curve(name)),
      deviations: means.slice(0, 5).map((name) => curve(name)),
      flat: means.slice(0, 5).map((name) => curve(name)),
      others: ["nats", "tokens", "share", "norm"].map((unit) => ({
        unit,
        lines: [curve(unit), curve(`${unit} of latents`)]
      }))
    })),
    events: [],
    results,
    differences: Report.differencesOf(results),
    latentUse: [1, 2, 3].flatMap((steps) => [1, 2, 3].map((groups) => ({ steps, groups, count: 100 }))),
    passAtK: ["atp-latent", "atp-latent-rl"].map((name) => curve(name, 4)),
    samples: [
      sampleOf("6", ["5 + 4 = 2", "2 + 5 = 0", "0 + 6 = 6"]),
      sampleOf("6", ["5 + 6 = 4", "4 + 4 = 1", "1 + 5 = 6"]),
      sampleOf("3", ["5 + 4 = 2", "2 + 5 = 0", "0 + 3 = 3"])
    ],
    completions: ["atp-latent-random", "atp-latent-rl"].map((stage) => ({
      stage,
      of: 500,
      rows: Array.from({ length: 12 }, (_, i) => completion(i))
    }))
  })
}
