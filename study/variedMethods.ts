/** Methods of the registry with one number or one rule changed, for what their papers say of that. */
import { Layout, Method, Methods, Objective, Part, Policy, Stop } from "@noema/atp"

const { grpo, softTokens, tokenAssorted } = Methods
const { calling, inOrder, marked, text } = Objective

/** CoLT with so many seeds, and the trigger behind them. */
const coltWith = (seeds: number, words: string) =>
  Method.method({
    name: `CoLT, ${words}`,
    summary: `CoLT that unpacks a step from ${words}`,
    backbone: Part.llama,
    parts: { seeds: Part.marks(seeds + 1), steps: Part.stateDecoder() },
    policy: ({ seeds }) => Policy.likeliestMark(seeds),
    stop: ({ backbone, seeds }) => Stop.byMark(backbone, seeds),
    tool: ({ steps }) => steps,
    given:
      ({ seeds }) =>
      (batch, thinking) =>
        seeds.embed(inOrder(batch, thinking, null)),
    layout: Layout.latentsAtOnce({ perStep: seeds + 1 }),
    objective: [text(1), marked(1, "seeds", inOrder), calling(1, "steps")]
  })

/** One stage for each number of steps that are codes. */
const inStages: Layout.Layout["phases"] = (budget) =>
  tokenAssorted.layout.phases(budget).flatMap((phase) =>
    Array.from({ length: budget.maxSteps }, (_, i) => ({
      ...phase,
      name: `${i + 1} in codes`,
      standing: [i + 1],
      updates: i + 1 < budget.maxSteps ? budget.perStage : phase.updates - i * budget.perStage
    }))
  )

/** Variants by name. */
export const variedMethods = {
  "colt-one": coltWith(1, "one seed"),
  "colt-four": coltWith(4, "four seeds"),
  "token-assorted-all": Method.variant(tokenAssorted, {
    name: "Token Assorted, all codes",
    summary: "Token Assorted that is trained on chains of codes alone",
    layout: {
      ...tokenAssorted.layout,
      name: "all codes, 2 a step",
      phases: (budget) =>
        tokenAssorted.layout.phases(budget).map((phase) => ({ ...phase, standing: [budget.maxSteps] }))
    }
  }),
  "token-assorted-stages": Method.variant(tokenAssorted, {
    name: "Token Assorted, in stages",
    summary: "Token Assorted whose steps become codes one after the other, in stages",
    layout: { ...tokenAssorted.layout, name: "stages of codes, 2 a step", phases: inStages }
  }),
  "soft-tokens-cold": Method.variant(softTokens, {
    name: "symbols with Cold Stop",
    summary: "thinks in symbols, until it is sure of them or they end",
    stop: ({ backbone }) => Stop.either(Stop.shadow(backbone), Stop.coldStop(backbone, { entropy: 0.1, patience: 4 }))
  }),
  "sim-cot-noisy": Method.variant(grpo, {
    name: "SIM-CoT with noise",
    summary: "SIM-CoT whose attempts differ by the noise that answered most of eight attempts on validation questions",
    reinforcement: { ...grpo.record.reinforcement!, exploration: 0.4 }
  }),
  "sim-cot-noisier": Method.variant(grpo, {
    name: "SIM-CoT with much noise",
    summary: "SIM-CoT whose attempts differ by four times that noise",
    reinforcement: { ...grpo.record.reinforcement!, exploration: 1.6 }
  })
}
