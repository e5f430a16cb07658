/** Parts of one method in another, from values alone: what goes together trains, and what does not is said before it does. */
import {
  Layout,
  Method,
  Methods,
  Objective,
  Part,
  Pipeline,
  Policy,
  Reinforce,
  Reward,
  Search,
  Stop,
  Task
} from "@noema/atp"
import { straightThrough } from "@noema/autodiff"
import { Last, Program, type Shape, Tensor } from "@noema/tensor"
import { expect, test } from "vitest"
import { run, tiny } from "../pipeline/small.ts"

const of = (method: Method.Method) =>
  Pipeline.pipeline({ task: Task.arithmetic({ values: 5, steps: 2 }), ...tiny, method })
const sets = ["id"] as const

/** The attempts at held-out questions of a method that was trained for a few updates, and reinforced in a round. */
const attempts = async (method: Method.Method, reward?: Reward.Reward) => {
  const trained = of(method).pipe(Pipeline.supervise())
  const whole = reward === undefined ? trained : trained.pipe(Pipeline.reinforce({ reward, rounds: 1 }))
  const { evaluations } = await run(whole.pipe(Pipeline.evaluate({ sets })).run())
  return evaluations[0]!.rollouts
}

test("ATP-Latent over Soft Tokens' density: its decoder, its stop and its reward, and no prior", async () => {
  const soft = Method.method({
    name: "ATP-Latent over mixtures",
    summary: "mixtures of symbols with noise that stop, are spelt, and are reinforced for coherence",
    backbone: Part.llama,
    parts: { stop: Part.stopHead(), steps: Part.stepDecoder() },
    policy: ({ backbone }) => Policy.Mixture.softTokens(backbone, { temperature: 0.5, noise: 0.33 }),
    stop: ({ stop }) => Stop.learned(stop),
    speaker: ({ steps }) => steps,
    layout: Layout.stages({ spare: "answer", extra: 1 }),
    objective: [Objective.text(1), Objective.spelling(1, "steps"), Objective.stopping(1)],
    reinforcement: { frozen: ["steps"], advantage: Reinforce.Advantage.leaveOneOut }
  })
  const made = await attempts(soft, Reward.recipe("full"))
  expect(made.every(({ stopChances }) => stopChances.length > 0)).toBe(true)
  // A mixture has no prior that it could diverge from.
  const held = Method.variant(soft, {
    name: "held to a prior",
    summary: "",
    objective: [Objective.text(1), Objective.kl(1e-3)]
  })
  await expect(attempts(held)).rejects.toThrow(
    'held to a prior: the term kl expects a policy with a prior, found "mixture of symbols with noise 0.33"'
  )
})

test("ATP-Latent's coherence on CoLT: steps that went back into the context are what is scored", async () => {
  const made = await attempts(Methods.colt, Reward.coherence("code"))
  expect(made.some(({ steps }) => steps.length > 0)).toBe(true)
})

test("best of several and a beam by the same coherence that reinforces", async () => {
  const by = Reward.coherence("code")
  const { evaluations } = await run(
    of(Methods.atpLatent)
      .pipe(
        Pipeline.supervise(),
        Pipeline.reinforce({ reward: by, rounds: 1 }),
        Pipeline.evaluate({ sets, search: Search.bestOf(4, by) }),
        Pipeline.evaluate({ sets, search: Search.beam(2, 2, by) })
      )
      .run()
  )
  expect(evaluations.map(({ searched }) => searched!.name)).toEqual([
    "best-of-4 by coherence (code)",
    "beam-2x2 by coherence (code)"
  ])
})

test("Cold Stop in ATP-Latent in place of its head, which a term that trains the head does not go with", async () => {
  const cold = {
    name: "ATP-Latent, cold",
    summary: "stops where it is sure of its next symbol",
    stop: ({ backbone }) => Stop.coldStop(backbone, { entropy: 0.5, patience: 1 })
  } satisfies Parameters<typeof Method.variant<unknown, Policy.Density, Policy.Sampling>>[1]
  const objective = [Objective.text(1), Objective.spelling(1, "steps"), Objective.kl(1e-3)] as const
  const made = await attempts(Method.variant(Methods.atpLatent, { ...cold, objective }))
  // A rule that is sure leaves nothing to chance.
  for (const { stopChances } of made) for (const chance of stopChances) expect([0, 1]).toContain(chance)
  await expect(attempts(Method.variant(Methods.atpLatent, cold))).rejects.toThrow(
    'ATP-Latent, cold: the term stop expects a stop rule that decides, found the rule "cold stop below 0.5 for 1"'
  )
})

test("ATP-Latent's stop head in Coconut in place of a fixed count", async () => {
  const stopping = Method.variant(Methods.coconut, {
    name: "Coconut that stops",
    summary: "stops by a head on its states",
    parts: { stop: Part.stopHead() },
    stop: ({ stop }) => Stop.learned(stop),
    objective: [Objective.text(1), Objective.stopping(1)]
  })
  const made = await attempts(stopping)
  expect(made.every(({ stopChances }) => stopChances.length > 0)).toBe(true)
})

/** A book of so many codes, the nearest of which stands for a row, with the gradient of the row. */
const book = (size: number) =>
  Part.part({
    specs: { codes: Program.spec(["codes", "width"]) },
    sizes: { codes: () => size },
    init: { codes: Part.Initial.normal(1) },
    use: ({ codes }) => {
      const nearest = <B extends Shape>(rows: Tensor.Tensor<[...B, "width"]>): Tensor.Tensor<[...B, "width"]> => {
        const closeness = Tensor.sub(
          Tensor.mul(Tensor.dense(rows, Tensor.transpose(codes)), 2),
          Last.sum(Tensor.square(codes))
        )
        return Tensor.embed(codes, Last.argmax(closeness))
      }
      return {
        nearest,
        through: <B extends Shape>(rows: Tensor.Tensor<[...B, "width"]>) => straightThrough(nearest(rows), rows)
      }
    }
  })

test("a book of codes in ATP-Latent in place of its Gaussian: as many different latents as codes, and searches draw nothing", async () => {
  const size = 3
  const coded = Method.method({
    name: "ATP-Latent by codes",
    summary: "latents are the nearest codes of a book",
    backbone: Part.llama,
    parts: { book: book(size), stop: Part.stopHead(), steps: Part.stepDecoder() },
    policy: ({ book }): Policy.StepPolicy<"unscored"> => ({
      name: "nearest code",
      density: "unscored",
      sampling: "reparameterised",
      dist: (hidden) => {
        const mode = book.through(hidden)
        return { mode, at: () => mode, logProb: undefined, kl: null }
      }
    }),
    stop: () => Stop.fixedCount,
    speaker: ({ steps }) => steps,
    layout: Layout.stages({ spare: "answer", extra: 1 }),
    objective: [
      Objective.text(1),
      Objective.spelling(1, "steps"),
      {
        name: "quantised",
        weight: 1,
        loss: ({ thought }, { book }) =>
          thought === null ? null : Tensor.mean(Tensor.square(Tensor.sub(thought.states, book.nearest(thought.states))))
      }
    ]
  })
  const { model, models } = await run(of(coded).pipe(Pipeline.supervise()).run())
  expect(Object.keys(models)).toContain("atp-latent-by-codes")
  expect(model.method.partNames).toEqual(["book", "stop", "steps"])
  await expect(
    run(
      of(coded)
        .pipe(Pipeline.supervise(), Pipeline.evaluate({ search: Search.vote(4) }))
        .run()
    )
  ).rejects.toThrow("ATP-Latent by codes draws nothing, and all 4 attempts of vote-4 would be the same")
  await expect(run(of(coded).pipe(Pipeline.supervise(), Pipeline.reinforce()).run())).rejects.toThrow(
    "expected a method with a policy-gradient term for atp-latent-by-codes-rl, found ATP-Latent by codes"
  )
})
