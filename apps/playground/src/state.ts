/** What the page knows, as signals, and how it comes to know it. */
import { batch, computed, effect, signal } from "@preact/signals"
import { client } from "./engine/client.ts"
import type { ModelFacts, ModelName, Walk } from "./engine/protocol.ts"
import { fromHash, type Shown, type Taken, toHash, unchanged } from "./link.ts"
import { isRefused, parseQuestion } from "./question.ts"

/** What is in the page before anything is loaded. */
export interface First {
  readonly walk: Walk
  readonly facts: Readonly<Record<ModelName, ModelFacts>>
  /** Questions that a model answers right and wrong. */
  readonly examples: Readonly<
    Record<ModelName, { readonly right: ReadonlyArray<string>; readonly wrong: ReadonlyArray<string> }>
  >
}

/** What is in the page before anything is loaded. */
export const first = JSON.parse(document.getElementById("first")!.textContent) as First

const begun = fromHash(location.hash, {
  model: "grounded",
  question: first.walk.question,
  ...unchanged,
  panel: null
})

export const model = signal<ModelName>(begun.model)
/** The question as it stands in its field. */
export const typed = signal(begun.question)
export const taken = signal<ReadonlyArray<Taken | null>>(begun.taken)
export const forced = signal<number | null>(begun.steps)
export const panel = signal<string | null>(begun.panel)

/** The question in the field, or what is wrong with it. */
export const parsed = computed(() => parseQuestion(typed.value))
/** Whether something is changed about how the question is thought. */
export const isChanged = computed(() => forced.value !== null || taken.value.some((each) => each !== null))

const isFirst = begun.model === "grounded" && parseQuestion(begun.question)
/** The question as the model thinks it by itself, and with what is changed. */
export const own = signal<Walk | null>(
  isFirst !== false && !isRefused(isFirst) && isFirst.text === first.walk.question ? first.walk : null
)
export const changed = signal<Walk | null>(null)
/** What is shown: with what is changed, if anything is. */
export const walk = computed(() => (isChanged.value ? changed.value : own.value))

/** How far the engine is, or what stopped it. */
export type Status =
  | { readonly kind: "loading" }
  | { readonly kind: "ready"; readonly device: string; readonly threads: boolean }
  | { readonly kind: "stopped"; readonly reason: string }
export const status = signal<Status>({ kind: "loading" })
/** What went wrong with the last question, in a sentence. */
export const trouble = signal<string | null>(null)
/** How long the last answer took, in milliseconds. */
export const took = signal<number | null>(null)

export const engine = client(new URL("engine.js", import.meta.url), (reason) => {
  status.value = { kind: "stopped", reason }
})

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const seen = new Map<string, Promise<Walk>>()
/** A question as a model thinks it by itself; asked once. */
export const walkOf = (name: ModelName, question: string): Promise<Walk> => {
  const key = `${name} ${question}`
  const there = seen.get(key)
  if (there !== undefined) return there
  const asked = engine
    .ask("ask", { model: name, question, instead: [], steps: null })
    .then(({ ms, walk }) => ((took.value = ms), walk))
  seen.set(key, asked)
  asked.catch(() => seen.delete(key))
  return asked
}

/** The latents that stand in for the model's own. */
const latentsOf = (name: ModelName, from: ReadonlyArray<Taken | null>) =>
  Promise.all(
    from.map(async (each) => {
      if (each === null) return null
      const question = parseQuestion(each.question)
      if (isRefused(question)) throw new Error(question.refused)
      const { steps } = await walkOf(name, question.text)
      const step = steps[each.place]
      if (step === undefined)
        throw new Error(
          `“${question.text}” has ${steps.length} latents with this model, and none at place ${each.place + 1}.`
        )
      return step.values
    })
  )

let turn = 0
/** Thinks the question anew as it stands, with what is changed; only the last turn counts. */
const think = async (name: ModelName, question: string, from: ReadonlyArray<Taken | null>, steps: number | null) => {
  const mine = ++turn
  try {
    const base = await walkOf(name, question)
    const instead = await latentsOf(name, from)
    const isOther = steps !== null || instead.some((each) => each !== null)
    const start = performance.now()
    const other = isOther ? await engine.ask("ask", { model: name, question, instead, steps }) : null
    if (mine !== turn) return
    if (other !== null) performance.measure("other latents", { start })
    batch(() => {
      own.value = base
      changed.value = other?.walk ?? null
      if (other !== null) took.value = other.ms
      trouble.value = null
    })
  } catch (error) {
    if (mine === turn) trouble.value = reasonOf(error)
  }
}

/** Loads the model that is chosen. */
const load = (name: ModelName) => {
  if (status.peek().kind === "stopped") status.value = { kind: "loading" }
  engine.ask("load", { model: name }).then(
    ({ device, threads }) => (status.value = { kind: "ready", device, threads }),
    (error: unknown) => (status.value = { kind: "stopped", reason: reasonOf(error) })
  )
}

/** Begins again with a new worker. */
export const tryAgain = () => {
  engine.restart()
  seen.clear()
  load(model.value)
  const question = parsed.value
  if (!isRefused(question)) void think(model.value, question.text, taken.value, forced.value)
}

/** Everything as the model does it by itself. */
export const reset = () =>
  batch(() => {
    taken.value = unchanged.taken
    forced.value = null
  })

/** Shows another question as the model thinks it by itself. */
export const show = (question: string) =>
  batch(() => {
    typed.value = question
    reset()
  })

const shown = (): Shown => {
  const question = parsed.value
  return {
    model: model.value,
    question: isRefused(question) ? first.walk.question : question.text,
    taken: taken.value,
    steps: forced.value,
    panel: panel.value
  }
}

/** Begins: what is shown follows from the state, and the address from both. */
export const begin = () => {
  effect(() => load(model.value))
  effect(() => {
    const question = parsed.value
    const [name, from, steps] = [model.value, taken.value, forced.value]
    if (!isRefused(question)) void think(name, question.text, from, steps)
  })
  effect(() => {
    const hash = toHash(shown())
    if (!isRefused(parsed.value) && hash !== location.hash) history.replaceState(null, "", hash)
  })
  addEventListener("hashchange", () => {
    const next = fromHash(location.hash, shown())
    batch(() => {
      model.value = next.model
      typed.value = next.question
      taken.value = next.taken
      forced.value = next.steps
      panel.value = next.panel
    })
  })
}
