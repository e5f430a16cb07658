/** Training of a reward model: candidates at a question are ranked, group by group of latents. */
import { Optimiser, valueAndGradWith } from "@noema/autodiff"
import { type Device, merge, Program, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { packQuestion, padded } from "../layout/pack.ts"
import { type Held, nextState } from "../method/held.ts"
import { rankLoss } from "../objective/rankLoss.ts"
import type { Key } from "../random/key.ts"
import type { Wording } from "../rollout/generate.ts"
import { figuresOf } from "../train/figures.ts"
import { rowsOf } from "../train/rows.ts"
import type { StepReport } from "../train/supervised.ts"
import type { Labelled } from "./labels.ts"
import { rewardModelOf, scored, type Scores } from "./model.ts"

const { spec } = Program

/** Beside any score it leaves nothing. */
const impossible = -1e9

/**
 * The loss of scores by question, candidate and group: the cross-entropy of a softmax across the candidates that have the group
 * with their labels (arXiv 2510.07745, equation 6), mean over the groups that some candidate has.
 */
export const listLoss = (
  scores: Scores,
  labels: Scores,
  live: Tensor.Tensor<["batch", "candidates", "steps"], "bool">
): Tensor.Tensor<[]> => {
  const columns = merge(Tensor.dim(scores, 0), Tensor.dim(scores, 2))
  const byCandidate = (values: Scores) =>
    Tensor.reshape(Tensor.permute(values, [1, 0, 2]), [Tensor.dim(scores, 1), columns])
  const losses = rankLoss(
    byCandidate(Tensor.where(live, scores, impossible)),
    byCandidate(Tensor.where(live, labels, 0))
  )
  const any = Tensor.max(Tensor.cast(live, "f32"), 1)
  return Tensor.div(Tensor.sum(losses), Tensor.maximum(Tensor.sum(any), 1))
}

/** What ranking needs to know. */
export interface RankingOptions {
  readonly labelled: ReadonlyArray<Labelled>
  readonly wording: Wording
  readonly updates: number
  /** Questions of an update, each with all its candidates. */
  readonly batch: number
  readonly key: Key
}

/** Trains a reward model, from update `from`: one report per update, as it is made. */
export const ranking = (
  held: Held,
  { batch, key, labelled, updates, wording }: RankingOptions,
  from = 0
): Stream.Stream<StepReport, Program.ProgramError | Optimiser.NonFinite, Device.Device | Scope.Scope> => {
  const { context, maxSteps, pace, perStep, tokenizer } = wording
  const candidates = labelled[0]!.candidates.length
  const latents = maxSteps * perStep
  const { width } = held.sizes
  const rowsAt = rowsOf(key, labelled.length, batch)
  const update = Program.make(
    (state, question, latents, used, labels, live) => {
      const loss = (trainable: Program.AnyTensors) => {
        const scores = scored(rewardModelOf(held, trainable), { question, latents, used }, perStep)
        const rank = listLoss(scores, labels, Tensor.gt(live, 0))
        return [rank, { rank }] as const
      }
      const { gradient, report } = valueAndGradWith(loss)(state.trainable)
      return [nextState(state, held.optimiser, gradient), Optimiser.vitals(report, gradient)] as const
    },
    held.specs,
    spec(["batch", "question"], "i32"),
    spec(["batch", "candidates", "latents", "width"]),
    spec(["batch", "candidates"], "i32"),
    spec(["batch", "candidates", "steps"]),
    spec(["batch", "candidates", "steps"])
  )
  const batchOf = (rows: ReadonlyArray<Labelled>) => {
    const all = rows.flatMap(({ candidates }) => candidates)
    const values = new Float32Array(all.length * latents * width)
    all.forEach(({ count, data }, row) => values.set(data.subarray(0, count * width), row * latents * width))
    const bySteps = (of: (labels: ReadonlyArray<number>, step: number) => number) => ({
      shape: [rows.length, candidates, maxSteps],
      data: Float32Array.from(
        all.flatMap(({ labels }) => Array.from({ length: maxSteps }, (_, step) => of(labels, step)))
      )
    })
    return [
      padded(
        rows.map(({ problem }) => packQuestion(tokenizer, problem, context, pace)),
        context,
        "left"
      ),
      { shape: [rows.length, candidates, latents, width], data: values },
      { shape: [rows.length, candidates], data: Int32Array.from(all, ({ count }) => count) },
      bySteps((labels, step) => labels[step] ?? 0),
      bySteps((labels, step) => Number(step < labels.length))
    ] as const
  }
  if (from >= updates) return Stream.empty
  return Stream.unwrap(
    Effect.map(update, (run) => {
      const step = Effect.fnUntraced(function* (at: number) {
        const rows = rowsAt(at).map((row) => labelled[row]!)
        const result = yield* Program.update(run, held.state, ...batchOf(rows))
        const report: StepReport = {
          stage: "supervised",
          method: held.method.name,
          update: at + 1,
          of: updates,
          phase: "ranking",
          figures: yield* figuresOf(result, at + 1, held)
        }
        return report
      })
      return Stream.mapEffect(Stream.range(from, updates - 1), (at) => Effect.uninterruptible(step(at)))
    })
  )
}
