/** From a sentence to a latent: what docs/tutorial.md tells, as a program. `npm run example -- tour` takes half a minute. */
import { Layout, Method, Model, Objective, Part, Pipeline, Policy, Stop, Task } from "@noema/atp"
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"

// Fewer, to see that it runs: `npm run example -- tour 2`.
const updates = Number(process.argv[3] ?? 600)

const method = Method.method({
  name: "Tour",
  summary: "thinks in latents that hold what their steps come to",
  backbone: Part.llama,
  parts: { latent: Part.latentHead(), stop: Part.stopHead(), steps: Part.stepDecoder() },
  policy: ({ latent }) => Policy.gaussian(latent),
  stop: ({ stop }) => Stop.learned(stop),
  speaker: ({ steps }) => steps,
  layout: Layout.stages(),
  objective: [
    Objective.text(6),
    Objective.spelling(1, "steps"),
    Objective.stopping(1),
    Objective.kl(1e-3),
    Objective.readOut(1),
    Objective.interchange(6)
  ]
})

const run = Pipeline.pipeline({
  task: Task.arithmetic({ values: 5, steps: 2, distractors: 0 }),
  method,
  seed: 1,
  model: { width: 32, layers: 2, heads: 2, kvHeads: 2, hidden: 64 },
  supervised: {
    problems: 1000,
    batch: 32,
    warmStart: updates,
    perStage: updates,
    final: 2 * updates,
    learningRate: 3e-3
  },
  evaluate: 200
}).pipe(Pipeline.supervise(), Pipeline.evaluate({ sets: ["id"], card: true }))

const main = Effect.gen(function* () {
  const { evaluations, model } = yield* run.run()
  const [{ accuracy, card, chance, problems, rollouts }] = evaluations as [Pipeline.Evaluated]

  // One that it gets right, in steps of its own, if there is one.
  const long = rollouts.filter(({ problem }) => problem.steps.length === 2)
  const { problem } = long.find(({ answer, problem }) => answer === problem.answer) ?? long[0]!
  console.log(`the question      ${problem.question}`)
  console.log(`its chain         ${problem.steps.join("; ")}; so ${problem.answer}`)
  console.log(`its symbols       ${model.tokenizer.encode(problem.question).join(" ")}`)

  const { answer, latents, steps, stopChances } = yield* Model.ask(model, problem.question)
  const values = yield* latents.values()
  console.log(`latents           ${latents.count}, each of ${values.shape[1]} numbers`)
  console.log(`the first begins  ${Array.from(values.data.slice(0, 4), (value) => value.toFixed(2)).join(" ")}`)
  console.log(`spelt             ${steps.join("; ")}`)
  console.log(`chances to stop   ${stopChances.map((chance) => chance.toFixed(2)).join(" ")}`)
  console.log(`the answer        ${answer ?? "none"}`)

  const percent = (share: number) => `${(100 * share).toFixed(0)} %`
  console.log(`right             ${percent(accuracy)} of ${problems} new questions, a guess ${percent(chance)}`)
  console.log(`zeroed latents    ${percent(card?.zeroed ?? 0)} right`)
  console.log(`swapped latents   ${percent(card?.donor ?? 0)} of answers are the other's`)
  console.log(`so                ${card?.verdict.sentence.split(":")[0]}`)
})

await Effect.runPromise(
  main.pipe(
    // Nothing is kept, so there are no files.
    Effect.provideService(FileSystem.FileSystem, FileSystem.makeNoop({})),
    Effect.provide(Wasm.layer())
  )
)
