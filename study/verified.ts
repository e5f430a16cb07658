/** What papers say of methods of the family, and by which cells it is judged. A new claim is an entry here. */
import { at, type Claim, more, over } from "./judge.ts"
import type { Measured } from "./measured.ts"
import type { MethodName } from "./methods.ts"

const accuracy = ({ accuracy }: Measured) => accuracy
const validity = ({ validity }: Measured) => validity
const passAt =
  (wanted: number) =>
  ({ passes }: Measured) =>
    passes.find(({ k }) => k === wanted)?.mean ?? null
/** A figure of training at its end. */
const watched =
  (name: string) =>
  ({ watched }: Measured) =>
    watched[name] ?? null
const onWalk = (method: MethodName) => at(method, "start", "walk")

/** How many tokens one takes for one of another. */
const longer = (what: string, one: ReturnType<typeof at>, than: ReturnType<typeof at>, above: number) => ({
  what,
  cells: (seed: number) => [one(seed), than(seed)],
  figure: ([a, b]: ReadonlyArray<Measured>) => a!.tokens / b!.tokens,
  above,
  unit: "number" as const
})

/** A method against another on both beds. */
const onBoth = (what: string, one: MethodName, than: MethodName) => [
  more(`${what}, arithmetic`, at(one), at(than)),
  more(`${what}, walk`, onWalk(one), onWalk(than))
]

const cot = at("cot")
/** A written chain is no better than a method by more than five points. */
const asGoodAs = (name: string, method: MethodName) =>
  more(`${name} against a written chain`, at(method), cot, accuracy, -0.05)

const coconut = "Coconut (arXiv 2412.06769)"
const colar = "CoLaR (arXiv 2505.16552)"
const colt = "CoLT (arXiv 2602.04246)"
const latentRm = "LatentRM (arXiv 2510.07745)"
const latentSft = "Latent-SFT (arXiv 2510.15522)"
const marcos = "MARCOS (arXiv 2509.25020)"
const tokenAssorted = "Token Assorted (arXiv 2502.03275)"

/** The claims in the order of the page. */
export const verified: ReadonlyArray<Claim> = [
  {
    id: "icot-steps",
    sentence: "Steps that are left out symbol by symbol still help: iCoT answers more questions than No-CoT.",
    source: "iCoT (arXiv 2405.14838)",
    tests: onBoth("iCoT against No-CoT", "icot", "no-cot")
  },
  {
    id: "coconut-graph",
    sentence: "Where a graph is to be searched, hidden states that are fed back answer more than a written chain.",
    source: coconut,
    tests: [more("walk, Coconut against a written chain", onWalk("coconut"), onWalk("cot"))]
  },
  {
    id: "sim-cot-steps",
    sentence: "Latents that have to spell their steps answer more questions than those of Coconut.",
    source: "SIM-CoT (arXiv 2509.20317)",
    tests: onBoth("SIM-CoT against Coconut", "sim-cot", "coconut")
  },
  {
    id: "codi-parity",
    sentence: "CODI answers as many questions as a written chain, to within five points, and more than Coconut.",
    source: "CODI (arXiv 2502.21074)",
    tests: [asGoodAs("CODI", "codi"), more("CODI against Coconut", at("codi"), at("coconut"))]
  },
  {
    id: "colar-shorter",
    sentence:
      "At two thirds of its tokens or fewer, CoLaR answers as many questions as a written chain, to within five points.",
    source: colar,
    tests: [asGoodAs("CoLaR", "colar"), longer("tokens of CoT for one of CoLaR", cot, at("colar"), 1.5)]
  },
  {
    id: "colar-latents",
    sentence: "CoLaR answers more questions than Coconut, CODI and iCoT.",
    source: colar,
    tests: [
      more("CoLaR against Coconut", at("colar"), at("coconut")),
      more("CoLaR against CODI", at("colar"), at("codi")),
      more("CoLaR against iCoT", at("colar"), at("icot"))
    ]
  },
  {
    id: "colt-steps",
    sentence: "The decoder that CoLT calls unpacks steps from two seeds: more than 95 % of what it writes is true.",
    source: colt,
    tests: [
      over("true steps, arithmetic", at("colt"), validity, 0.95),
      over("true steps, walk", onWalk("colt"), validity, 0.95)
    ]
  },
  {
    id: "colt-shorter",
    sentence:
      "At two thirds of its tokens or fewer, CoLT answers as many questions as a written chain, to within five points.",
    source: colt,
    tests: [asGoodAs("CoLT", "colt"), longer("tokens of CoT for one of CoLT", cot, at("colt"), 1.5)]
  },
  {
    id: "colt-latents",
    sentence: "CoLT answers more questions than CoLaR.",
    source: colt,
    tests: [more("CoLT against CoLaR", at("colt"), at("colar"))]
  },
  {
    id: "colt-seeds",
    sentence: "Steps are unpacked better from two seeds than from one, and as well as from four.",
    source: colt,
    tests: [
      more("true steps, two seeds against one", at("colt"), at("colt-one"), validity, 0, "points"),
      more("true steps, two seeds against four", at("colt"), at("colt-four"), validity, -0.02, "points")
    ]
  },
  {
    id: "multiplex-untrained",
    sentence:
      "Before any reinforcement, attempts that read three drawn symbols at once are right more often than those of one.",
    source: "Multiplex Thinking (arXiv 2601.08808)",
    tests: [more("pass@1, three symbols against one", at("multiplex"), cot, passAt(1))]
  },
  {
    id: "soft-thinking",
    sentence:
      "Mixtures of likely symbols in place of these answer more questions, in fewer tokens, of a model trained alike.",
    source: "Soft Thinking (arXiv 2505.15778)",
    tests: [
      more("mixtures against symbols", at("soft-thinking"), at("soft-tokens")),
      longer("tokens of symbols for one of mixtures", at("soft-tokens"), at("soft-thinking"), 1)
    ]
  },
  {
    id: "cold-stop",
    sentence: "Where thinking ends as soon as a model has been sure of some symbols in a row, its chains are shorter.",
    source: "Soft Thinking (arXiv 2505.15778)",
    tests: [longer("tokens of symbols for one with Cold Stop", at("soft-tokens"), at("soft-tokens-cold"), 1)]
  },
  {
    id: "latent-sft-shorter",
    sentence:
      "At two thirds of its tokens or fewer, Latent-SFT answers as many questions as a written chain, to within five points.",
    source: latentSft,
    tests: [
      asGoodAs("Latent-SFT", "latent-sft"),
      longer("tokens of CoT for one of Latent-SFT", cot, at("latent-sft"), 1.5)
    ]
  },
  {
    id: "latent-sft-mixtures",
    sentence: "Mixtures of symbols that an encoder teaches answer more questions than hidden states that are fed back.",
    source: latentSft,
    tests: onBoth("Latent-SFT against Coconut", "latent-sft", "coconut")
  },
  {
    id: "latent-sft-alive",
    sentence:
      "Its latents keep several alternatives alive: those that the encoder makes are of more than two symbols in the mean.",
    source: latentSft,
    tests: [
      over("symbols alive, arithmetic", at("latent-sft"), watched("alive"), 2, "number"),
      over("symbols alive, walk", onWalk("latent-sft"), watched("alive"), 2, "number")
    ]
  },
  {
    id: "latent-rm",
    sentence:
      "Of eight attempts the one that a trained reward model likes best is right more often than their vote, and this more often than one that a coin takes.",
    source: latentRm,
    tests: [
      more("the reward model against the vote", at("sim-cot", "best"), at("sim-cot", "vote")),
      more("the vote against a coin", at("sim-cot", "vote"), at("sim-cot", "best-random"))
    ]
  },
  {
    id: "noise-coverage",
    sentence: "With more noise on latents single attempts are right less often, and one of eight more often.",
    source: latentRm,
    tests: [
      more("pass@1, a deviation of 0.1 against 0.4", at("grpo"), at("sim-cot-noisy"), passAt(1)),
      more("pass@8, a deviation of 0.4 against 0.1", at("sim-cot-noisy"), at("grpo"), passAt(8))
    ]
  },
  {
    id: "too-much-noise",
    sentence: "With still more noise one of eight is right less often again.",
    source: latentRm,
    tests: [more("pass@8, a deviation of 0.4 against 1.6", at("sim-cot-noisy"), at("sim-cot-noisier"), passAt(8))]
  },
  {
    id: "marcos-written",
    sentence: "Trained from scratch, MARCOS answers more questions than a written chain.",
    source: marcos,
    tests: [more("MARCOS against a written chain", at("marcos"), cot)]
  },
  {
    id: "marcos-latents",
    sentence: "And more than Coconut, CODI, CoLaR and iCoT.",
    source: marcos,
    tests: (["coconut", "codi", "colar", "icot"] as const).map((other) =>
      more(`MARCOS against \`${other}\``, at("marcos"), at(other))
    )
  },
  {
    id: "marcos-random",
    sentence: "Without its random vectors it answers fewer.",
    source: marcos,
    tests: onBoth("MARCOS against MARCOS without them", "marcos", "marcos-plain")
  },
  {
    id: "token-assorted-better",
    sentence: "A chain whose first steps are codes answers more questions than one that is written.",
    source: tokenAssorted,
    tests: onBoth("Token Assorted against a written chain", "token-assorted", "cot")
  },
  {
    id: "token-assorted-shorter",
    sentence: "And is shorter by 17 % at least.",
    source: tokenAssorted,
    tests: [
      longer("tokens of CoT for one of Token Assorted, arithmetic", cot, at("token-assorted"), 1.2),
      longer("the same, walk", onWalk("cot"), onWalk("token-assorted"), 1.2)
    ]
  },
  {
    id: "token-assorted-random",
    sentence:
      "How many of its steps are codes is to be drawn anew for every chain: trained on codes alone it answers fewer.",
    source: tokenAssorted,
    tests: [more("a drawn number against all", at("token-assorted"), at("token-assorted-all"))]
  },
  {
    id: "token-assorted-stages",
    sentence: "Nor are they to become codes one after the other, in stages.",
    source: tokenAssorted,
    tests: [more("a drawn number against stages", at("token-assorted"), at("token-assorted-stages"))]
  },
  {
    id: "token-assorted-book",
    sentence: "Its book is in use as a whole: steps are spread over a third of the 64 codes at least.",
    source: tokenAssorted,
    tests: [
      over("codes in use, arithmetic", at("token-assorted"), watched("perplexity"), 64 / 3, "number"),
      over("codes in use, walk", onWalk("token-assorted"), watched("perplexity"), 64 / 3, "number")
    ]
  },
  {
    id: "cdpo-better",
    sentence: "A model that has learnt from its own wrong chains what was to blame answers more questions than before.",
    source: "cDPO (arXiv 2411.19943)",
    tests: [more("cDPO against the written chains it begins with", at("cdpo"), cot)]
  },
  {
    id: "cdpo-likelier",
    sentence: "Right chains have become likelier then, and wrong ones less likely.",
    source: "cDPO (arXiv 2411.19943)",
    tests: [
      over("log-ratio of right chains", at("cdpo"), watched("chosen"), 0, "number"),
      over(
        "that of wrong chains, turned round",
        at("cdpo"),
        ({ watched: { rejected } }) => (rejected === undefined ? null : -rejected),
        0,
        "number"
      )
    ]
  },
  ...(
    [
      ["lepo", "LEPO", "LEPO (arXiv 2604.17892)"],
      ["latent-grpo", "Latent-GRPO", "Latent-GRPO (arXiv 2604.27998)"],
      ["dropout-grpo", "Dropout-GRPO", "Dropout-GRPO (arXiv 2606.10184)"]
    ] as const
  ).map(([method, called, source]) => ({
    id: `${method}-reinforced`,
    sentence: `Reinforced for right answers on its latents, ${called} answers more questions than before.`,
    source,
    tests: [more(`${called} reinforced against before`, at(method, "accuracy"), at(method))]
  }))
]
