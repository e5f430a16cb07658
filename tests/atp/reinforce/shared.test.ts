/** A question that is read once for several attempts at it: the same probabilities, and the same gradient. */
import { Experiment, Key, Layout, Methods, Reinforce } from "../inside.ts"
import { valueAndGradWith } from "@noema/autodiff"
import { type Program, Tensor } from "@noema/tensor"
import { takeApart } from "@noema/tensor/tree"
import fc from "fast-check"
import { expect, test } from "vitest"
import { asTensors, farthest, integers, lively, numbers, small } from "../small.ts"

const experiment = small()
const { budget, config, sizes, subject } = experiment
const { perStep } = config.model
const method = Methods.methods["atp-latent"]
const values = lively(experiment, method)
const { context } = Experiment.wordingOf(experiment, method)
const count = budget.maxSteps * perStep

const asked = (problems: ReadonlyArray<number>) =>
  integers(
    Layout.padded(
      problems.map((problem) => Layout.packQuestion(subject.tokenizer, subject.rl[problem]!, context)),
      context,
      "left"
    ),
    ["questions", "question"]
  )

const { reparameterised, scoreFunction } = Reinforce.Estimator

test.each([scoreFunction, reparameterised])(
  "$name: attempts that share a question are scored as if each had read its own",
  async (estimator) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(2), { minLength: 1, maxLength: 5 }), fc.nat(999), async (of, seed) => {
        const random = Key.draws(Key.fromSeed(seed))
        const batch = of.length
        const rows = () =>
          Array.from({ length: count }, () =>
            Tensor.fromNode<["batch", "width"], "f32">(
              Tensor.fromArray(
                Float32Array.from({ length: batch * sizes.width }, () => 2 * random.uniform() - 1),
                [batch, sizes.width]
              ).node,
              ["batch", "width"]
            )
          )
        const spoken = Array.from({ length: batch * budget.maxSteps }, () =>
          Array.from({ length: random.integer(1, 3) }, () => random.integer(4, 9))
        )
        const used = of.map(() => perStep * random.integer(0, budget.maxSteps))
        const tails = of.map(() => [3, ...Array.from({ length: random.integer(1, 3) }, () => random.integer(4, 9))])
        const actions = {
          latents: rows(),
          noise: rows(),
          texts: integers({ data: Layout.padded(spoken, 3, "right").data, shape: [batch, budget.maxSteps, 3] }, [
            "batch",
            "steps",
            "spoken"
          ]),
          used: integers({ data: Int32Array.from(used), shape: [batch] }, ["batch"]),
          tail: integers(Layout.padded(tails, 4, "right"), ["batch", "tail"])
        }
        const scored = (question: ReturnType<typeof asked>, of: ReadonlyArray<number>) => {
          const replay = {
            ...actions,
            question,
            of: integers({ data: Int32Array.from(of), shape: [batch] }, ["batch"])
          }
          const loss = (parameters: Program.AnyTensors) => {
            const model = method.put(parameters, sizes)
            const scored = estimator.chances(model, model.explore!, perStep, Reinforce.Coordinates.sum, replay)
            const { latent, texts, written } = Reinforce.byKind(scored)
            const said = texts.map((each) => Tensor.sum(each))
            const total = [Tensor.sum(latent), Tensor.sum(written), ...said].reduce((sum, each) =>
              Tensor.add(sum, each)
            )
            return [total, { latent, written, texts }] as const
          }
          const { gradient, report } = valueAndGradWith(loss)(asTensors(values))
          return { report, gradient: takeApart(gradient, Tensor.isTensor, "").leaves }
        }
        const [shared, own] = await numbers([
          scored(asked([0, 1, 2]), of),
          scored(
            asked(of),
            of.map((_, i) => i)
          )
        ])
        for (const kind of ["latent", "written"] as const)
          expect(farthest(shared.report[kind].data, own.report[kind].data)).toBe(0)
        expect(shared.report.texts).toHaveLength(estimator === reparameterised ? 1 : 0)
        shared.report.texts.forEach(({ data }, i) => expect(farthest(data, own.report.texts[i]!.data)).toBe(0))
        shared.gradient.forEach(({ data }, i) => {
          const most = Math.max(1, ...Array.from(data, Math.abs))
          expect(farthest(data, own.gradient[i]!.data)).toBeLessThan(1e-5 * most)
        })
      }),
      { numRuns: 5 }
    )
  }
)
