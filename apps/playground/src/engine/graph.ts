/** A model that walks on a ring, watched: which node each of its latents stands for. */
import { Key, Model, Task } from "@noema/atp"
import type { Device } from "@noema/tensor"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Files } from "./engine.ts"
import type { GraphStep, Requests, Standing } from "./protocol.ts"
import { Refusal } from "./refusal.ts"

/** Rings of six nodes, each with one way on: of the walk's questions those that have one answer and one chain. */
export const graphTask = Task.walk({ branching: 0 })

const { language } = graphTask
/** Texts of a latent: enough that little is left of its chances. */
const texts = 10
/** Held-out questions to choose from. */
const rings = 60

interface Around {
  readonly fetched: Effect.Effect<Files, { readonly message: string }>
  readonly standingOf: (language: Task.StepLanguage, text: string, problem: Task.Problem) => Standing
  readonly services: Context.Context<Device.Device | Scope.Scope>
}

/** The nodes of a question in the order of its ring, from the start. */
const ringOf = (question: string): ReadonlyArray<string> => {
  const [facts = "", asked = ""] = question.split(" ? ")
  const symbols = facts.split(" ")
  const after = new Map(symbols.flatMap((from, i) => (i % 3 === 0 ? [[from, symbols[i + 2]!] as const] : [])))
  const [start = ""] = asked.split(" ")
  const ring = [start]
  for (let at = after.get(start); at !== undefined && at !== start; at = after.get(at)) ring.push(at)
  return ring
}

/** What is answered where a model walks. */
export const walking = Effect.fnUntraced(function* ({ fetched, services, standingOf }: Around) {
  const held = yield* Effect.cached(
    Effect.map(
      graphTask.open(
        { train: 1, rl: 1, heldOut: rings, context: 96, groupSymbols: 24, vocabulary: 100 },
        Key.fromSeed(0)
      ),
      ({ tests }) => tests.find(([name]) => name === "id")![1]
    )
  )
  // Loaded where somebody looks at the panel.
  let watcher: Model.Watcher | null = null
  const watched = Effect.fnUntraced(function* () {
    if (watcher !== null) return watcher
    const read = yield* Effect.flatMap(fetched, (files) => Model.read("walk", files))
    watcher = yield* Effect.provide(Model.watcher({ ...read, language }, { texts }), services)
    return watcher
  })

  return {
    graph: Effect.fnUntraced(function* ({ hops, ring: number, start }: Requests["graph"]["given"]) {
      const problems = yield* held
      const drawn = problems[number % problems.length]!
      const [edges = "", asked = ""] = drawn.question.split(" ? ")
      const [ownStart = "", ownHops = ""] = asked.split(" ")
      const question = `${edges} ? ${start ?? ownStart} ${hops ?? ownHops}`
      const ring = ringOf(question)
      const count = hops ?? Number(ownHops)
      const path = Array.from({ length: count + 1 }, (_, hop) => ring[hop % ring.length]!)
      if (!edges.split(" ").includes(path[0]!))
        return yield* Effect.fail(
          new Refusal(`There is no node ${path[0]} on this ring: it has ${ringOf(drawn.question).join(", ")}.`)
        )
      const problem = { question, steps: [], answer: path.at(-1)! }
      const { phrase, watch } = yield* watched()
      const [seen] = yield* watch([{ problem }])
      const { answer, answers, latents, shown } = seen!
      const said = phrase === null ? latents.map(() => []) : yield* phrase(shown)
      const steps = said.map((phrases): GraphStep => {
        const nodes = new Map(ring.map((node) => [node, 0]))
        for (const { chance, text } of phrases) {
          const node = language.read(text)?.result
          if (node !== undefined && nodes.has(node)) nodes.set(node, nodes.get(node)! + chance)
        }
        return {
          nodes: [...nodes].map(([text, chance]) => ({ text, chance })),
          phrases: phrases.map((each) => ({ ...each, standing: standingOf(language, each.text, problem) }))
        }
      })
      return {
        question,
        ring: ringOf(drawn.question),
        path,
        steps,
        answer,
        answers: answers.filter(({ text }) => ring.includes(text)),
        solves: language.solves(
          problem,
          steps.map(({ phrases: [likeliest] }) => likeliest?.text ?? "")
        ),
        isHeldOut: question === drawn.question
      }
    })
  }
})
