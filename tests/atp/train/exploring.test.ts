import { type Method, Methods, Overrides, Reinforce, Stages } from "../inside.ts"
import { expect, test } from "vitest"
import { small, smallConfig } from "../small.ts"

const reinforcementOf = (method: Method.Method, options: Partial<typeof smallConfig.reinforcement>) =>
  Stages.reinforcementOf(
    small({ ...smallConfig, reinforcement: { ...smallConfig.reinforcement, ...options } } as typeof smallConfig),
    method
  )

/** For methods that are not reinforced. */
const none: Method.Reinforced = Methods.methods["atp-latent"].reinforcement!

test.each(Object.entries<Method.Method>(Methods.methods))(
  "%s is reinforced as its file says, but for what the config says",
  (_, method) => {
    const own = method.reinforcement
    const as = { advantage: "method", reduce: "method", replay: "method" } as const
    expect(Overrides.overridesOf(own ?? none, reinforcementOf(method, as) ?? none)).toEqual([])
    const other = reinforcementOf(method, { ...as, advantage: "batch-normalised", exploration: 0.7, clip: [0.2, 0.28] })
    if (own === null) expect(other).toBeNull()
    else {
      expect(other!.exploration).toBe(0.7)
      expect(other!.term.advantage.name).toBe("batch-normalised")
      expect(Overrides.overridesOf(own, other!)).toEqual([
        `method.reinforcement.exploration: ${own.exploration} -> 0.7`,
        `method.reinforcement.advantage: ${own.term.advantage.name} -> batch-normalised`,
        `method.reinforcement.clip: ${own.term.clip.name} -> higher 0.2 0.28`
      ])
    }
  }
)

test.each(["grpo", "dr-grpo", "dapo", "gspo", "rloo"] as const)(
  "the form %s stands in the place of a method's term, what it does not speak of stays, and single settings stand over it",
  (form) => {
    const as = { advantage: "method", reduce: "method", replay: "method" } as const
    const method = Methods.methods["atp-latent"]
    const own = method.reinforcement!.term
    const { term } = reinforcementOf(method, { ...as, form })!
    const recipe = Reinforce.Recipe[form === "dr-grpo" ? "drGrpo" : form]
    expect(Reinforce.settingsOf(term)).toEqual(
      Reinforce.settingsOf(
        Reinforce.term({
          ...recipe,
          estimator: own.estimator,
          credit: own.credit,
          replay: own.replay,
          reduce: { ...own.reduce, tokens: recipe.reduce.tokens }
        })
      )
    )
    const other = reinforcementOf(method, { ...as, form, clip: 0.7, filter: { replaced: 3 }, tokens: "longest" })!.term
    expect(Reinforce.settingsOf(other)).toEqual({
      ...Reinforce.settingsOf(term),
      clip: "symmetric 0.7",
      filter: "replaced, 3 draws",
      "reduce.tokens": "longest"
    })
  }
)

test("the released form is the score function without a replay, whatever the method does", () => {
  const as = { advantage: "method", reduce: "method", replay: "method" } as const
  const { term } = reinforcementOf(Methods.methods["atp-latent"], { ...as, form: "released" })!
  expect(Reinforce.settingsOf(term)).toEqual(Reinforce.settingsOf(Reinforce.term(Reinforce.released)))
  expect(Methods.methods["atp-latent-released"].reinforcement!.term).toEqual(term)
})
