/**
 * What a method and a part may cost the type checker. Instantiations do not depend on the machine; where a rule needs more,
 * raise the budget knowingly.
 */
import { expect, it } from "vitest"
import { typeCheck } from "../../../bench/types/compiler.ts"

const head = `
import { Layout, Method, Objective, Part, Policy, Reinforce, Stop } from "@noema/atp"
import { Program, type Shape, Tensor } from "@noema/tensor"
const { spec } = Program
const { Initial } = Part
type Rows<B extends Shape> = Tensor.Tensor<[...B, "width"]>
`
const pair = (i: number) => `
export const part${i} = Part.part({
  specs: { weight${i}: spec(["width", "hidden"]), bias: spec(["hidden"]), out: spec(["hidden", "width"]) },
  init: { weight${i}: Initial.lecun, bias: Initial.zeros, out: Initial.lecun },
  use: (p) => ({
    of: <B extends Shape>(hidden: Rows<B>): Rows<B> =>
      Tensor.dense(Tensor.gelu(Tensor.dense(hidden, p.weight${i}, p.bias)), p.out)
  })
})
export const method${i} = Method.method({
  name: "Mine", summary: "a method of mine", backbone: Part.llama, layout: Layout.stages(),
  parts: { latent: Part.latentHead(), stop: Part.stopHead(), steps: Part.stepDecoder(), own${i}: part${i} },
  policy: ({ latent }) => Policy.gaussian(latent),
  stop: ({ stop }) => Stop.learned(stop),
  speaker: ({ steps }) => steps,
  objective: [
    Objective.text(1), Objective.spelling(1, "steps"), Objective.stopping(1), Objective.kl(1e-3),
    { name: "own", weight: 1, loss: ({ asked }, { own${i} }) => Tensor.mean(own${i}.of(asked.state.hidden)) }
  ],
  reinforcement: {
    frozen: ["steps"], advantage: Reinforce.Advantage.leaveOneOut,
    explore: ({ latent }, floor) => Policy.gaussian(latent, { floor }), exploration: 0.6
  }
})`

const instantiations = async (count: number): Promise<number> => {
  const source = [head, ...Array.from({ length: count }, (_, i) => pair(i))].join("")
  const { diagnostics, instantiations } = await typeCheck({ "methods.ts": source })
  expect(diagnostics).toEqual([])
  return instantiations
}

it("a method with a part of its own stays within the budget of instantiations", async () => {
  const count = 20
  const each = ((await instantiations(count + 1)) - (await instantiations(1))) / count
  expect(each).toBeLessThan(1500)
})
