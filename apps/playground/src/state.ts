/** What the page knows, as signals, and how it comes to know it. */
import { batch, computed, effect, signal } from "@preact/signals"
import { client } from "./engine/client.ts"
import type { DeviceName, FolderName, ModelFacts, ModelName, Requests, Walk } from "./engine/protocol.ts"
import { type Change, fromHash, type Moved, type Shown, toHash, unchanged } from "./link.ts"
import { isRefused, parseQuestion } from "./question.ts"

/** What is in the page before anything is loaded. */
export interface First {
  readonly walk: Walk
  readonly facts: Readonly<Record<FolderName, ModelFacts>>
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
/** By place, what stands in for a latent of the model's own. */
export const changes = signal<ReadonlyArray<Change | null>>(begun.changes)
/** The other question, whose latents may be taken, as it stands in its field. */
export const donor = signal(begun.changes.find((each) => each?.kind === "taken")?.question ?? "5 + 1")
export const forced = signal<number | null>(begun.steps)
export const panel = signal<string | null>(begun.panel)

/** The question in the field, or what is wrong with it. */
export const parsed = computed(() => parseQuestion(typed.value))
/** Whether something is changed about how the question is thought. */
export const isChanged = computed(() => forced.value !== null || changes.value.some((each) => each !== null))

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

/** What programs run on, how fast each device answers where that was measured, and what became of the other. */
export const device = signal<DeviceName>("wasm")
export const paces = signal<Partial<Readonly<Record<DeviceName, number>>>>({})
export const deviceTrouble = signal<string | null>(null)
/** Whether the browser knows of graphics cards at all. */
export const hasWebGpu = "gpu" in navigator

/** WebGPU may go away at any time; there is always WebAssembly. */
const back = (reason: string) => {
  deviceTrouble.value = `WebGPU: ${reason.replace(/\.?$/, ".")} The page is back on WebAssembly.`
  startAnew("wasm")
}

export const engine = client(new URL("engine.js", import.meta.url), device.peek(), {
  died: (reason) => (device.peek() === "wasm" ? void (status.value = { kind: "stopped", reason }) : back(reason)),
  failed: (reason) => void (device.peek() === "webgpu" && back(reason))
})

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Walks that are kept. */
const mostSeen = 200
const seen = new Map<string, Promise<Walk>>()
/** A question as a model thinks it by itself; asked once. */
export const walkOf = (name: ModelName, question: string): Promise<Walk> => {
  const key = `${name} ${question}`
  const there = seen.get(key)
  if (there !== undefined) return there
  const asked = engine
    .ask("ask", { model: name, question, instead: [], steps: null })
    .then(({ ms, walk }) => ((took.value = ms), walk))
  const [oldest] = seen.keys()
  if (seen.size >= mostSeen && oldest !== undefined) seen.delete(oldest)
  seen.set(key, asked)
  asked.catch(() => seen.delete(key))
  return asked
}

const known = new Map<string, Promise<Requests["centres"]["found"]>>()
/** Where latents of questions lie that come to each result, at a place; asked once. */
export const centresOf = (name: ModelName, place: number): Promise<Requests["centres"]["found"]> => {
  const key = `${name} ${place}`
  const there = known.get(key)
  if (there !== undefined) return there
  const asked = engine.ask("centres", { model: name, place })
  known.set(key, asked)
  asked.catch(() => known.delete(key))
  return asked
}

/** The centre that is nearest to a latent. */
export const nearest = (values: Float32Array, centres: ReadonlyArray<Float32Array>): number => {
  const distances = centres.map((centre) => centre.reduce((sum, x, i) => sum + (x - values[i]!) ** 2, 0))
  return distances.indexOf(Math.min(...distances))
}

const movedFrom = (
  values: Float32Array,
  centres: ReadonlyArray<Float32Array>,
  { by, towards }: Moved
): Float32Array => {
  const from = centres[nearest(values, centres)]!
  const [one, other] = [centres[towards[0]]!, centres[towards[1]]!]
  return values.map((x, i) => x + by[0] * (one[i]! - from[i]!) + by[1] * (other[i]! - from[i]!))
}

/** The latent that stands in for one of the model's own. */
const latentOf = async (name: ModelName, base: Walk, change: Change | null, at: number) => {
  if (change === null) return null
  if (change.kind === "moved") {
    const step = base.steps[at]
    return step === undefined ? null : movedFrom(step.values, (await centresOf(name, at)).centres, change)
  }
  const question = parseQuestion(change.question)
  if (isRefused(question)) throw new Error(question.refused)
  const { steps } = await walkOf(name, question.text)
  const step = steps[change.place]
  if (step === undefined)
    throw new Error(
      `“${question.text}” has ${steps.length} latents with this model, and none at place ${change.place + 1}.`
    )
  return step.values
}

/** Thinks the question anew as it stands, with what is changed. */
const think = async ({ changes: from, model: name, question, steps }: Shown) => {
  try {
    const base = await walkOf(name, question)
    const instead = await Promise.all(from.map((change, at) => latentOf(name, base, change, at)))
    const start = performance.now()
    const isOther = steps !== null || instead.some((each) => each !== null)
    const other = isOther ? await engine.ask("ask", { model: name, question, instead, steps }) : null
    if (other !== null) performance.measure("other latents", { start })
    batch(() => {
      own.value = base
      changed.value = other?.walk ?? base
      if (other !== null) took.value = other.ms
      trouble.value = null
    })
  } catch (error) {
    trouble.value = reasonOf(error)
  }
}

let next: Shown | null = null
let isThinking = false
/** Thinks what is shown; of what comes while it thinks only the last counts. */
const thinkNext = async (wanted: Shown) => {
  next = wanted
  if (isThinking) return
  isThinking = true
  for (let now: Shown | null = next; now !== null; now = next) {
    next = null
    await think(now)
  }
  isThinking = false
}

/** Loads the model that is chosen. */
const load = (name: ModelName) => {
  if (status.peek().kind === "stopped") status.value = { kind: "loading" }
  const on = device.peek()
  engine.ask("load", { model: name }).then(
    ({ device, threads }) => (status.value = { kind: "ready", device, threads }),
    (error: unknown) => {
      if (device.peek() === on && on === "wasm") status.value = { kind: "stopped", reason: reasonOf(error) }
    }
  )
}

/** Begins again with a new worker. */
const startAnew = (on: DeviceName) => {
  batch(() => {
    device.value = on
    status.value = { kind: "loading" }
  })
  engine.restart(on)
  seen.clear()
  known.clear()
  load(model.value)
  if (!isRefused(parsed.value)) void thinkNext(shown())
}
export const tryAgain = () => startAnew(device.value)

/** Measures how fast the device that there is answers. */
const measure = async () => {
  const on = device.value
  const { perSecond } = await engine.ask("pace", { model: model.value })
  if (device.value === on) paces.value = { ...paces.value, [on]: perSecond }
}

/** Runs everything on another device, and measures both. */
export const switchTo = async (on: DeviceName) => {
  if (on === device.value) return
  deviceTrouble.value = null
  try {
    if (paces.value[device.value] === undefined && status.value.kind === "ready") await measure()
    startAnew(on)
    await measure()
  } catch (error) {
    // Of WebGPU it is said already.
    if (device.value === on && on === "wasm") trouble.value = reasonOf(error)
  }
}

/** Everything as the model does it by itself. */
export const reset = () =>
  batch(() => {
    changes.value = unchanged.changes
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
    changes: changes.value,
    steps: forced.value,
    panel: panel.peek()
  }
}

/** Brings a panel into sight that a link is about. */
const scroll = (id: string | null) => {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches
  requestAnimationFrame(() =>
    document.getElementById(id ?? "")?.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" })
  )
}

/** Begins: what is shown follows from the state, and the address from both. */
export const begin = () => {
  effect(() => load(model.value))
  effect(() => {
    const wanted = shown()
    if (!isRefused(parsed.value)) void thinkNext(wanted)
  })
  effect(() => {
    const hash = toHash({ ...shown(), panel: panel.value })
    if (!isRefused(parsed.value) && hash !== location.hash) history.replaceState(null, "", hash)
  })
  addEventListener("hashchange", () => {
    const next = fromHash(location.hash, shown())
    batch(() => {
      model.value = next.model
      typed.value = next.question
      changes.value = next.changes
      forced.value = next.steps
      panel.value = next.panel
    })
    scroll(next.panel)
  })
  scroll(begun.panel)
}
