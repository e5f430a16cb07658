import { type Method, Methods, Overrides, Stages } from "../inside.ts"
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
    const as = { advantage: "method", reduce: "method" } as const
    expect(Overrides.overridesOf(own ?? none, reinforcementOf(method, as) ?? none)).toEqual([])
    const other = reinforcementOf(method, { ...as, advantage: "dr-grpo", exploration: 0.7, clip: [0.2, 0.28] })
    if (own === null) expect(other).toBeNull()
    else {
      expect(other!.exploration).toBe(0.7)
      expect(other!.term.advantage.name).toBe("dr-grpo")
      expect(Overrides.overridesOf(own, other!)).toEqual([
        `method.reinforcement.exploration: ${own.exploration} -> 0.7`,
        `method.reinforcement.advantage: ${own.term.advantage.name} -> dr-grpo`,
        "method.reinforcement.clip: symmetric 0.2 -> higher 0.2 0.28"
      ])
    }
  }
)
