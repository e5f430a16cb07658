import { Config, Methods, Policy, Reinforce, TrainOverrides } from "@noema/atp"
import * as Effect from "effect/Effect"
import { expect, test } from "vitest"

const termOf = (method: Methods.AnyMethod, options: object) =>
  TrainOverrides.overridden(
    method.reinforcement!,
    Effect.runSync(Config.decodeConfig({ reinforcement: options })).reinforcement
  )

const reinforced = Object.values(Methods.methods).filter(
  (method: Methods.AnyMethod) => method.reinforcement !== null
) as ReadonlyArray<Methods.AnyMethod>

test.each(reinforced)("$name is reinforced as its file says unless a run says otherwise", (method) => {
  expect(Effect.runSync(termOf(method, {}))).toEqual(method.reinforcement)
})

test.each(reinforced)("what a run says otherwise of $name is put in words, and nothing else", (method) => {
  const own = method.reinforcement!
  const words = (options: object) => TrainOverrides.overridesOf(own, Effect.runSync(termOf(method, options)))
  expect(words({})).toEqual([])
  expect(words({ advantage: "dr-grpo" })).toEqual([`method.reinforcement.advantage: ${own.advantage.name} -> dr-grpo`])
  expect(words({ ratio: "sequence", clip: [0.0003, 0.0004], tokens: "token-mean", filter: "varied" })).toEqual([
    "method.reinforcement.ratio: token within 3 -> sequence within 3",
    "method.reinforcement.clip: symmetric 0.2 -> higher 0.0003 0.0004",
    "method.reinforcement.reduce.tokens: mean-per-sequence -> token-mean",
    "method.reinforcement.filter: all -> varied"
  ])
  expect(words({ clip: 0.1, dualClip: 3, overlong: "masked", entropy: 0.01, credit: "step" })).toEqual([
    "method.reinforcement.clip: symmetric 0.2 -> symmetric 0.1, dual 3",
    "method.reinforcement.overlong: kept -> masked",
    "method.reinforcement.entropy: 0 -> 0.01",
    "method.reinforcement.credit: sequence -> step"
  ])
  expect(words({ reference: { frozen: 0.04 }, tokens: { constant: 9 } })).toEqual([
    "method.reinforcement.reduce.tokens: mean-per-sequence -> constant 9",
    "method.reinforcement.reference: none -> frozen 0.04"
  ])
  expect(words({ reference: { moving: 0.1, decay: 0.9 }, reduce: "per-component" })).toEqual([
    `method.reinforcement.reduce.coordinates: ${own.reduce.coordinates.name} -> per-component`,
    "method.reinforcement.reference: none -> moving 0.1, decay 0.9"
  ])
})

test("a floor is set where deviations are learned, and refused where it would have no effect", () => {
  const own = Methods.methods["atp-latent"].reinforcement!
  const term = Effect.runSync(termOf(Methods.methods["atp-latent"], { floor: 0.25 }))
  expect(TrainOverrides.overridesOf(own, term)).toEqual(["method.reinforcement.floor: 0.6 -> 0.25"])
  expect(Policy.gaussianHead(0.25).floor).toBe(term.policy.floor)
  expect(Effect.runSync(Effect.flip(termOf(Methods.methods.grpo, { floor: 0.25 }))).message).toBe(
    "reinforcement.floor=0.25 would have no effect: latents are a hidden state with noise, whose deviation is not learned"
  )
})

test("every setting that there is can be asked for by name", () => {
  const own = Methods.methods["atp-latent"]
  for (const [setting, names] of Object.entries({
    advantage: ["group-relative", "leave-one-out", "dr-grpo", "batch-normalised"],
    ratio: ["token within 3", "sequence within 3", "none"],
    filter: ["all", "varied"],
    overlong: ["kept", "masked"],
    credit: ["sequence", "step"]
  }))
    for (const name of names) {
      const term = Effect.runSync(termOf(own, { [setting]: name.split(" ")[0] }))
      expect(Reinforce.settingsOf(term)[setting]).toBe(name)
    }
  for (const name of ["sum", "mean", "per-component"])
    expect(Effect.runSync(termOf(own, { reduce: name })).reduce.coordinates.name).toBe(name)
  for (const name of ["sum", "mean-per-sequence", "token-mean"])
    expect(Effect.runSync(termOf(own, { tokens: name })).reduce.tokens.name).toBe(name)
})
