/** What is claimed of latent reasoning, and by which cells it is judged. A new claim is an entry here. */
import { at, type Claim, more, over } from "./judge.ts"
import type { BedName } from "./beds.ts"
import type { WayName } from "./cell.ts"
import type { Measured } from "./measured.ts"

const donor = ({ card }: Measured) => card?.donor ?? null
const follows = ({ card }: Measured) => card?.follows?.share ?? null
/** What noise on latents leaves of the accuracy. */
const kept = ({ accuracy, card }: Measured) => (card === null || accuracy === 0 ? null : card.noise / accuracy)
const tokensAt = (of: "first" | "last") => (measured: Measured) =>
  (of === "first" ? measured.steps[0] : measured.steps.at(-1))?.tokens ?? null

const paper = "ATP-Latent (arXiv 2601.21598)"
const atp = at("atp-latent")
const released = at("atp-latent-released")
const grounded = at("atp-latent-grounded")
const simCot = at("sim-cot")
const onward = (way: WayName) => at("atp-latent-grounded", way, "onward")
const converged = (way: WayName) => at("atp-latent", way, "converged")
const groundedOn = (bed: BedName) =>
  more(
    `${bed}, ATP-Latent grounded against as it is`,
    at("atp-latent-grounded", "start", bed),
    at("atp-latent", "start", bed)
  )
const passAt8 = ({ passes }: Measured) => passes.find(({ k }) => k === 8)?.mean ?? null

/** What eight attempts answer beyond one. */
const gained = ({ passes }: Measured) => {
  const [one, eight] = [1, 8].map((k) => passes.find((rate) => rate.k === k)?.mean)
  return one === undefined || eight === undefined ? null : eight - one
}

/** The claims in the order of the page. */
export const claims: ReadonlyArray<Claim> = [
  {
    id: "ordering",
    sentence:
      "ATP-Latent answers more questions than SIM-CoT, this more than Coconut, and this more than no chain at all.",
    source: paper,
    tests: [
      more("ATP-Latent against SIM-CoT", atp, simCot),
      more("SIM-CoT against Coconut", simCot, at("coconut")),
      more("Coconut against No-CoT", at("coconut"), at("no-cot"))
    ]
  },
  {
    id: "released-ordering",
    sentence: "So does its released form.",
    source: paper,
    tests: [more("ATP-Latent as released against SIM-CoT", released, simCot)]
  },
  {
    id: "tokens",
    sentence: "A written chain takes at least twice the tokens.",
    source: paper,
    tests: [
      {
        what: "tokens of CoT for one of ATP-Latent",
        cells: (seed) => [at("cot")(seed), atp(seed)],
        figure: ([cot, latent]) => cot!.tokens / latent!.tokens,
        above: 2,
        unit: "number"
      }
    ]
  },
  {
    id: "reinforcement",
    sentence: "Reinforcement lifts the supervised model, and more so than as much supervised training.",
    source: paper,
    tests: [
      more("reinforced against supervised", at("atp-latent", "full"), atp),
      more("reinforced against more supervised", at("atp-latent", "full"), at("atp-latent", "more"))
    ]
  },
  {
    id: "random-reward",
    sentence: "It is the reward that does so: the same updates by a coin gain less.",
    source: "a control of this study",
    tests: [more("reinforced against a random reward", at("atp-latent", "full"), at("atp-latent", "random"))]
  },
  {
    id: "converged",
    sentence:
      "On a start that more supervised training lifts by no more than two points, reinforcement lifts ATP-Latent beyond that training by five, and a coin moves it by no more than two.",
    source: "a finding of this study",
    tests: [
      more(
        "supervised against more supervised",
        converged("start"),
        converged("more"),
        ({ accuracy }) => accuracy,
        -0.02
      ),
      more(
        "reinforced against more supervised",
        converged("full"),
        converged("more"),
        ({ accuracy }) => accuracy,
        0.05
      ),
      more("a coin against supervised", converged("random"), converged("start"), ({ accuracy }) => accuracy, -0.02),
      more("supervised against a coin", converged("start"), converged("random"), ({ accuracy }) => accuracy, -0.02)
    ]
  },
  {
    id: "converged-coverage",
    sentence: "Reinforcement from there answers more questions at all, not the same ones more often: pass@8 rises.",
    source: "a hypothesis of this study",
    tests: [more("pass@8, reinforced against supervised", converged("full"), converged("start"), passAt8)]
  },
  {
    id: "converged-controls",
    sentence:
      "Coherence without any answer gains there, right answers dealt out anew do not, and being told answers gains most.",
    source: "a finding of this study",
    tests: [
      more("reinforced for coherence against more supervised", converged("coherence"), converged("more")),
      more(
        "supervised against shuffled answers",
        converged("start"),
        converged("shuffled"),
        ({ accuracy }) => accuracy,
        -0.02
      ),
      more("right answers against reinforcement for them", converged("answers"), converged("accuracy"))
    ]
  },
  {
    id: "converged-card",
    sentence: "Latents are used no less after reinforcement than before.",
    source: "a hypothesis of this study",
    tests: [
      more("the donor's share, reinforced against supervised", converged("full"), converged("start"), donor),
      more("follows, reinforced against supervised", converged("full"), converged("start"), follows)
    ]
  },
  {
    id: "right-answers",
    sentence: "Where answers are one symbol, being told them gains more than a reward for them does.",
    source: "a control of this study",
    tests: [more("right answers against reinforcement", at("atp-latent", "answers"), at("atp-latent", "accuracy"))]
  },
  {
    id: "coherence-only",
    sentence: "Coherence of steps alone, without any answer, lifts accuracy.",
    source: paper,
    tests: [more("reinforced for coherence against supervised", at("atp-latent", "coherence"), atp)]
  },
  {
    id: "coherence-helps",
    sentence: "Coherence beside correctness makes chains more coherent, and answers no worse by more than a point.",
    source: paper,
    tests: [
      more(
        "coherence, with it against without",
        at("atp-latent", "full"),
        at("atp-latent", "accuracy"),
        ({ coherence }) => coherence
      ),
      more(
        "accuracy, with it against without",
        at("atp-latent", "full"),
        at("atp-latent", "accuracy"),
        ({ accuracy }) => accuracy,
        -0.01
      )
    ]
  },
  {
    id: "smoother",
    sentence: "Answers bear noise on latents better where these were drawn from a Gaussian in training.",
    source: paper,
    tests: [more("accuracy left under noise, ATP-Latent against SIM-CoT", atp, simCot, kept)]
  },
  {
    id: "adaptive",
    sentence: "The number of latents follows the number of steps.",
    source: paper,
    tests: [
      over("rank correlation of latents with steps", atp, ({ adaptivity }) => adaptivity, 0.8, "number"),
      {
        what: "tokens of the longest questions less those of the shortest",
        cells: (seed) => [atp(seed)],
        figure: ([one]) => tokensAt("last")(one!)! - tokensAt("first")(one!)!,
        above: 0,
        unit: "number"
      }
    ]
  },
  {
    id: "readable",
    sentence: "More than 90 % of decoded steps are true.",
    source: paper,
    tests: [over("true steps", atp, ({ validity }) => validity, 0.9)]
  },
  {
    id: "causal",
    sentence: "Latents are used: with those of another question, most answers are that question's.",
    source: "a hypothesis of this study",
    tests: [over("the donor's answers", atp, donor, 0.5)]
  },
  {
    id: "arbitrary-labels",
    sentence: "One arbitrary chain of several equivalent ones is worse to learn from than always the same.",
    source: paper,
    tests: [
      more("ATP-Latent, canonical labels against arbitrary ones", at("atp-latent", "start", "canonical"), atp),
      more("SIM-CoT, canonical labels against arbitrary ones", at("sim-cot", "start", "canonical"), simCot)
    ]
  },
  {
    id: "deterministic",
    sentence: "Reinforcement gains more on Gaussian latents than on deterministic ones with fixed noise.",
    source: paper,
    tests: [
      {
        what: "gain of ATP-Latent less that of GRPO on SIM-CoT",
        cells: (seed) => [at("atp-latent", "full")(seed), atp(seed), at("grpo", "full")(seed), at("grpo")(seed)],
        figure: ([a, b, c, d]) => a!.accuracy - b!.accuracy - (c!.accuracy - d!.accuracy),
        above: 0,
        unit: "points"
      }
    ]
  },
  {
    id: "two-latents",
    sentence: "Two latents for every step are no worse than one, by more than a point.",
    source: paper,
    tests: [more("two against one", at("atp-latent", "start", "pairs"), atp, ({ accuracy }) => accuracy, -0.01)]
  },
  {
    id: "spare-answer",
    sentence: "A spare latent that spells the answer lifts ATP-Latent and SIM-CoT alike.",
    source: "a finding of this study",
    tests: [
      more("ATP-Latent, with it against as released", atp, released),
      more("SIM-CoT, with one more against without", at("sim-cot-extra"), simCot)
    ]
  },
  {
    id: "decoration",
    sentence: "A heavy weight on the answer makes latents decoration: accuracy rises, and the donor's share falls.",
    source: "a finding of this study",
    tests: [
      more("accuracy, heavy against plain", at("atp-latent-heavy"), at("atp-latent-plain")),
      more("the donor's share, plain against heavy", at("atp-latent-plain"), at("atp-latent-heavy"), donor)
    ]
  },
  {
    id: "grounded",
    sentence:
      "With read-out and interchange ATP-Latent is more accurate than SIM-CoT, its answers follow the latents, and later latents the first.",
    source: "a finding of this study",
    tests: [
      more("grounded ATP-Latent against SIM-CoT", grounded, simCot),
      over("the donor's answers", grounded, donor, 0.8),
      over("answers of the counterfactual chain", grounded, follows, 0.8)
    ]
  },
  {
    id: "grounding-is-general",
    sentence: "The two terms lift SIM-CoT and Coconut as well.",
    source: "a finding of this study",
    tests: [
      more("SIM-CoT, grounded against not", at("sim-cot-grounded"), simCot),
      more("Coconut, grounded against not", at("coconut-grounded"), at("coconut"))
    ]
  },
  {
    id: "both-terms",
    sentence:
      "Both terms are needed: without interchange fewer answers are the donor's, without read-out fewer follow the chain.",
    source: "a finding of this study",
    tests: [
      more("the donor's share, both against read-out alone", grounded, at("atp-latent-read-out"), donor),
      more("follows, both against interchange alone", grounded, at("atp-latent-interchange"), follows)
    ]
  },
  {
    id: "cups",
    sentence: "Where every question has one chain and a state is tracked, grounding helps as well.",
    source: "a finding of this study",
    tests: [groundedOn("cups")]
  },
  {
    id: "walk",
    sentence: "And so on a graph, where a latent holds the node that is reached.",
    source: "a hypothesis of this study",
    tests: [groundedOn("walk")]
  },
  {
    id: "longer",
    sentence: "Grounded latents go on to chains that are longer than those of training.",
    source: "a hypothesis of this study",
    tests: [
      over(
        "right answers to longer questions beyond a guess",
        onward("longer"),
        ({ accuracy, chance }) => accuracy - chance,
        0.05
      )
    ]
  },
  {
    id: "onward",
    sentence:
      "Reinforcement on longer questions, without any chain for them, makes latents go on to these, and it is the reward that does so.",
    source: "a hypothesis of this study",
    tests: [
      more("longer questions, reinforced against supervised", onward("full-longer"), onward("longer")),
      more("longer questions, reinforced against a random reward", onward("full-longer"), onward("random-longer"))
    ]
  },
  {
    id: "onward-answers",
    sentence: "So does being told the answers to the same questions.",
    source: "a control of this study",
    tests: [more("longer questions, told answers against supervised", onward("answers-longer"), onward("longer"))]
  },
  {
    id: "posterior",
    sentence: "With chains told alike, a posterior that reads the step makes better latents than none.",
    source: "a hypothesis of this study",
    tests: [
      more(
        "accuracy, with it against without",
        at("atp-latent-posterior", "start", "canonical"),
        at("atp-latent-plain", "start", "canonical")
      ),
      more(
        "the donor's share, with it against without",
        at("atp-latent-posterior", "start", "canonical"),
        at("atp-latent-plain", "start", "canonical"),
        donor
      )
    ]
  },
  {
    id: "words",
    sentence: "Grounding lifts latents on GSM8K, whose steps are equations.",
    source: "a hypothesis of this study",
    tests: [groundedOn("words")]
  },
  {
    id: "telling",
    sentence: "Within one question coherent attempts are the right ones.",
    source: paper,
    tests: [
      over(
        "a right attempt is more coherent than a wrong one",
        at("atp-latent", "told"),
        ({ tells }) => tells.find(({ reward }) => reward.startsWith("coherence"))?.mean ?? null,
        0.6
      )
    ]
  },
  {
    id: "overthinking",
    sentence: "Forced to take as many latents as there may be, ATP-Latent answers fewer questions.",
    source: paper,
    tests: [more("stopping by itself against forced", atp, at("atp-latent", "forced"))]
  },
  {
    id: "many-attempts",
    sentence: "Attempts with Gaussian latents answer more questions than with deterministic ones and noise.",
    source: paper,
    tests: [
      more("pass@8, ATP-Latent against SIM-CoT with noise", at("atp-latent", "told"), at("sim-cot-noisy"), passAt8)
    ]
  },
  {
    id: "divergence",
    sentence: "The weight of the divergence trades fidelity for exploration.",
    source: paper,
    tests: [
      more("accuracy, without it against a hundredfold", at("atp-latent-free"), at("atp-latent-bound")),
      more(
        "what eight attempts gain, a hundredfold against without",
        at("atp-latent-bound"),
        at("atp-latent-free"),
        gained
      )
    ]
  },
  {
    id: "collapse",
    sentence: "Supervised steps keep latents from collapsing as they become many.",
    source: paper,
    tests: [
      {
        what: "SIM-CoT less Coconut on five steps, less that on two",
        cells: (seed) => [
          at("sim-cot", "start", "deep")(seed),
          at("coconut", "start", "deep")(seed),
          at("sim-cot", "start", "short")(seed),
          at("coconut", "start", "short")(seed)
        ],
        figure: ([a, b, c, d]) => a!.accuracy - b!.accuracy - (c!.accuracy - d!.accuracy),
        above: 0,
        unit: "points"
      }
    ]
  },
  {
    id: "gap",
    sentence: "Reinforcement narrows the gap between questions that were learnt from and those that were not.",
    source: paper,
    tests: [
      {
        what: "gap before less gap after",
        cells: (seed) => [
          at("atp-latent", "seen")(seed),
          atp(seed),
          at("atp-latent", "full-seen")(seed),
          at("atp-latent", "full")(seed)
        ],
        figure: ([seen, held, seenAfter, heldAfter]) =>
          seen!.accuracy - held!.accuracy - (seenAfter!.accuracy - heldAfter!.accuracy),
        above: 0,
        unit: "points"
      }
    ]
  }
]
