/**
 * `npm run playground:models`: trains the models of the page and writes them to `models`, in half precision. It takes
 * minutes, and goes on where it was stopped; the same version of everything gives the same models.
 */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Method, Methods, Model, Pipeline, Task } from "@noema/atp"
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { join } from "node:path"

const here = import.meta.dirname
const to = join(here, "models")
const methods: Readonly<Record<string, Method.Method>> = {
  grounded: Methods.atpLatentGrounded,
  released: Methods.atpLatentReleased
}

const trained = Pipeline.pipeline({ task: Task.arithmetic(), method: Methods.atpLatentGrounded, seed: 0 }).pipe(
  Pipeline.branch(
    Object.fromEntries(
      Object.entries(methods).map(([name, method]) => [
        name,
        (way: Pipeline.Pipeline) =>
          way.pipe(Pipeline.withMethod(method), Pipeline.supervise(), Pipeline.evaluate({ sets: ["id"], card: true }))
      ])
    )
  )
)

const main = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const { evaluations, models } = yield* trained.into(process.argv[2] ?? "runs/playground", {
    listen: (stage, { of, update }) =>
      Effect.sync(() => void (update % 100 === 0 && console.log(`${stage}: ${update} of ${of}`)))
  })
  const facts: Record<string, unknown> = {}
  for (const [name, method] of Object.entries(methods)) {
    const { accuracy, card, problems, stage } = evaluations.find((each) => each.method === method)!
    yield* files.remove(join(to, name), { recursive: true, force: true })
    yield* Model.save(join(to, name), models[stage]!, "F16")
    facts[name] = { method: method.name, accuracy, problems, verdict: card!.verdict.sentence }
    console.log(`${name}: ${(100 * accuracy).toFixed(1)} % of ${problems} right; ${card!.verdict.sentence}`)
  }
  yield* files.writeFileString(join(to, "facts.json"), `${JSON.stringify(facts, null, 2)}\n`)
})

await Effect.runPromise(main.pipe(Effect.scoped, Effect.provide(Layer.merge(Wasm.layer(), NodeFileSystem.layer))))
