/**
 * LatentRM (arXiv 2510.07745, section 4): a backbone with one number at every group of latents, what it is worth to go on from
 * there.
 */
import { merge, type Program, Tensor } from "@noema/tensor"
import { attemptsAt, behindLatents } from "../context/mind.ts"
import { answerAtOnce } from "../layout/layout.ts"
import type { Held } from "../method/held.ts"
import { type BackbonePart, type Method, method, partParameters } from "../method/method.ts"
import { text } from "../objective/text.ts"
import { ask } from "../objective/think.ts"
import type { Backbone } from "../part/backbone.ts"
import type { AnyPart } from "../part/part.ts"
import { type ScoreHead, scoreHead } from "../part/scoreHead.ts"
import { hiddenState } from "../policy/hiddenState.ts"
import { fixedCount } from "../stop/stop.ts"

const head: AnyPart<ScoreHead> = scoreHead()

/** A reward model on a backbone, held as methods are: it has no latents of its own, and is trained by ranking alone. */
export const latentRm = (backbone: BackbonePart): Method =>
  method({
    name: "LatentRM",
    summary: "says of every latent how often attempts that go on from it are right",
    source: {
      paper: "arXiv 2510.07745, section 4",
      equation:
        "r_t = w h(q, z_1, ..., z_t); loss = - mean over t of sum over candidates n of y_(t,n) log softmax_n(r_(t,n)); score = mean over t of r_t"
    },
    backbone,
    parts: { score: head },
    policy: () => hiddenState,
    stop: () => fixedCount,
    layout: answerAtOnce,
    objective: [text(1)]
  })

/** A reward model at work. */
export interface RewardModel {
  readonly backbone: Backbone
  readonly score: ScoreHead
}

/** A held reward model in a traced function, with these parameters. */
export const rewardModelOf = (
  { method, sizes }: Pick<Held, "method" | "sizes">,
  parameters: Program.AnyTensors
): RewardModel => {
  const backbone = method.backbone.use(partParameters(parameters, "backbone"), { sizes })
  return { backbone, score: head.use(partParameters(parameters, "score"), { sizes, backbone }) }
}

/** Latents of attempts, by question and candidate: their values, and how many of each are kept. */
export interface Thoughts {
  readonly question: Tensor.Tensor<["batch", "question"], "i32">
  readonly latents: Tensor.Tensor<["batch", "candidates", "latents", "width"]>
  readonly used: Tensor.Tensor<["batch", "candidates"], "i32">
}

/** A number for every group of every candidate at every question. */
export type Scores = Tensor.Tensor<["batch", "candidates", "steps"]>

/**
 * What the last latent of every group is worth, all in one pass: a question is read once for all its candidates. What is said
 * of groups that are not kept means nothing.
 */
export const scored = (
  { backbone, score }: RewardModel,
  { latents, question, used }: Thoughts,
  perStep: number
): Scores => {
  const [batch, candidates, count] = [Tensor.dim(latents, 0), Tensor.dim(latents, 1), Tensor.dim(latents, 2)]
  const rows = merge(batch, candidates)
  const asked = ask({ backbone }, question)
  const own = Tensor.reshape(Tensor.broadcastTo(Tensor.expandDims(Tensor.iota([batch], 0), 1), [batch, candidates]), [
    rows
  ])
  const kept = Tensor.lt(Tensor.iota([count], 0), Tensor.expandDims(Tensor.reshape(used, [rows]), 1))
  const thought = Tensor.reshape(latents, [rows, count, Tensor.dim(latents, 3)])
  const { hidden } = behindLatents(attemptsAt(asked, own), thought, kept)
  const each = score.of(hidden)
  const steps = latents.sizes[2]! / perStep
  const groups = Tensor.stack(
    Array.from({ length: steps }, (_, step) => Tensor.at(each, 1, (step + 1) * perStep - 1)),
    1,
    "steps"
  )
  return Tensor.reshape(groups, [batch, candidates, Tensor.dim(groups, 1)])
}
