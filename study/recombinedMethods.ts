/** Parts of one method in another, from values that the library has: methods for the rows of `recombined.ts`. */
import { Layout, Method, Methods, Objective, Part, Policy, Reinforce, Stop } from "@noema/atp"
import { stopGradient, straightThrough } from "@noema/autodiff"
import { Last, Program, type Shape, Tensor } from "@noema/tensor"

const { atpLatent, coconut } = Methods
const { kl, spelling, stopping, text } = Objective
const layout = Layout.stages({ spare: "answer", extra: 1 })

/** A book of so many latents: a state gives way to the nearest, which learns to be nearer. */
const codeBook = (size: number) =>
  Part.part({
    specs: { codes: Program.spec(["codes", "width"]) },
    sizes: { codes: () => size },
    init: { codes: Part.Initial.normal(1) },
    use: ({ codes }) => {
      const nearest = <B extends Shape>(states: Tensor.Tensor<[...B, "width"]>): Tensor.Tensor<[...B, "width"]> => {
        const both = Tensor.dense(states, Tensor.transpose(codes))
        return Tensor.embed(codes, Last.argmax(Tensor.sub(Tensor.mul(both, 2), Last.sum(Tensor.square(codes)))))
      }
      return {
        of: <B extends Shape>(states: Tensor.Tensor<[...B, "width"]>) => straightThrough(nearest(states), states),
        apart: <B extends Shape>(states: Tensor.Tensor<[...B, "width"]>): Tensor.Tensor<[]> => {
          const code = nearest(states)
          const far = (a: typeof states, b: typeof states) => Tensor.mean(Tensor.square(Tensor.sub(a, b)))
          return Tensor.add(far(stopGradient(states), code), Tensor.mul(far(states, stopGradient(code)), 0.25))
        }
      }
    }
  })

/** Recombinations of methods by name. */
export const recombinedMethods = {
  "atp-latent-mixture": Method.method({
    name: "ATP-Latent over mixtures",
    summary: "mixtures of symbols with the noise of Soft Tokens that stop, are spelt, and are reinforced for coherence",
    backbone: Part.llama,
    parts: { stop: Part.stopHead(), steps: Part.stepDecoder() },
    policy: ({ backbone }) => Policy.Mixture.softTokens(backbone, { temperature: 0.5, noise: 0.33 }),
    stop: ({ stop }) => Stop.learned(stop),
    speaker: ({ steps }) => steps,
    layout,
    // A mixture has no prior that it could diverge from.
    objective: [text(1), spelling(1, "steps"), stopping(1)],
    reinforcement: { frozen: ["steps"], advantage: Reinforce.Advantage.leaveOneOut }
  }),
  "atp-latent-cold": Method.variant(atpLatent, {
    name: "ATP-Latent, cold",
    summary: "ATP-Latent that stops where it is sure of its next symbol, in place of its head",
    stop: ({ backbone }) => Stop.coldStop(backbone, { entropy: 0.1, patience: 1 }),
    objective: [text(1), spelling(1, "steps"), kl(1e-3)]
  }),
  "coconut-stopping": Method.variant(coconut, {
    name: "Coconut that stops",
    summary: "Coconut with the head of ATP-Latent in place of a fixed count",
    parts: { stop: Part.stopHead() },
    stop: ({ stop }) => Stop.learned(stop),
    layout: Layout.stages({ extra: 1 }),
    objective: [text(1), stopping(1)]
  }),
  "atp-latent-paired": Method.variant(atpLatent, {
    name: "ATP-Latent, paired",
    summary: "ATP-Latent that comes to prefer its right attempts to wrong ones of the same question, blamed by latent",
    // Densities of latents are sums over coordinates.
    preference: Objective.contrastive({ gamma: 0.01 }),
    after: atpLatent
  }),
  "atp-latent-coded": Method.method({
    name: "ATP-Latent by codes",
    summary: "ATP-Latent whose latents are the nearest of 64 codes in place of Gaussian",
    backbone: Part.llama,
    parts: { book: codeBook(64), stop: Part.stopHead(), steps: Part.stepDecoder() },
    policy: ({ book }): Policy.StepPolicy<"unscored"> => ({
      name: "nearest code",
      density: "unscored",
      sampling: "reparameterised",
      dist: (hidden) => {
        const mode = book.of(hidden)
        return { mode, at: () => mode, logProb: undefined, kl: null }
      }
    }),
    stop: ({ stop }) => Stop.learned(stop),
    speaker: ({ steps }) => steps,
    layout,
    objective: [
      text(1),
      spelling(1, "steps"),
      stopping(1),
      {
        name: "quantised",
        weight: 1,
        loss: ({ thought }, { book }) => (thought === null ? null : book.apart(thought.states))
      }
    ]
  })
}
