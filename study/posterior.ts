/**
 * ATP-Latent as a conditional VAE whose posterior reads the step that a latent stands for: in training latents are drawn from it,
 * and the policy, which they are drawn from in use, is the prior that it is held to.
 */
import { Layout, Method, Objective, Part, Policy, Stop } from "@noema/atp"
import { merge, Random, Tensor } from "@noema/tensor"

/** Parts that read a step, and that say where its latent lies. */
interface Posterior {
  readonly reader: Part.StepEncoder
  readonly posterior: Part.LatentHead
}

/** Mean and log-variance of the latent of each step of a batch, [batch, steps, width]. */
const posteriorOf = ({ posterior, reader }: Posterior, { groups }: Pick<Objective.Batch, "groups">) => {
  const [batch, steps] = [Tensor.dim(groups, 0), Tensor.dim(groups, 1)]
  const rows = merge(batch, steps)
  const { logVariance, mean } = posterior.at(reader.of(Tensor.reshape(groups, [rows, Tensor.dim(groups, 2)])))
  const byStep = (x: typeof mean) => Tensor.reshape(x, [batch, steps, Tensor.dim(x, 1)])
  return { mean: byStep(mean), deviation: Tensor.exp(Tensor.mul(byStep(logVariance), 0.5)) }
}

/**
 * The divergence of the posterior from the policy, as log q(z | step) - log p(z | what came before) of the latents that were
 * drawn: mean over latents and coordinates.
 */
const fromPrior = (weight: number): Objective.Term<Posterior> => ({
  name: "from-prior",
  weight,
  loss: ({ batch, model: { policy }, thought }, parts) => {
    if (thought === null) return null
    const dist = policy.dist(thought.states)
    if (!("at" in dist) || dist.logProb === undefined) return null
    const { deviation, mean } = posteriorOf(parts, batch)
    const drawn = Tensor.at(thought.latents, 2, -1)
    const prior = Tensor.at(dist.logProb(thought.latents), 2, -1)
    return Tensor.mean(Tensor.sub(Policy.gaussianLogProb(drawn, mean, deviation), prior))
  }
})

/** The method with such a weight of the divergence. */
export const withPosterior = (weight: number) =>
  Method.method({
    name: "ATP-Latent with a posterior",
    summary: "ATP-Latent whose latents are drawn in training from what their steps are encoded to",
    source: {
      paper: null,
      equation:
        "z_t ~ q(z | s_t); what ATP-Latent adds up, with log q(z_t | s_t) - log p(z_t | h_t) in place of KL(z || N(0, I))"
    },
    backbone: Part.llama,
    parts: {
      latent: Part.latentHead(),
      stop: Part.stopHead(),
      steps: Part.stepDecoder(),
      reader: Part.stepEncoder(),
      posterior: Part.latentHead()
    },
    policy: ({ latent }) => Policy.gaussian(latent),
    stop: ({ stop }) => Stop.learned(stop),
    speaker: ({ steps }) => steps,
    given:
      (parts) =>
      (batch, { key, perStep }) => {
        const { deviation, mean } = posteriorOf(parts, batch)
        const noise = Random.normalLike(Random.foldIn(key ?? Random.key(0), 0), mean)
        const latents = Tensor.add(mean, Tensor.mul(deviation, noise))
        return Tensor.stack(
          Array.from({ length: perStep }, () => latents),
          2,
          "each"
        )
      },
    layout: Layout.stages(),
    objective: [Objective.text(1), Objective.spelling(1, "steps"), Objective.stopping(1), fromPrior(weight)]
  })
