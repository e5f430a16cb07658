/** The state of the page as the part of its address behind `#`, so that a link shows what somebody saw. */
import { modelNames, type ModelName } from "./engine/protocol.ts"
import { isRefused, parseQuestion, values } from "./question.ts"

/** A latent that is another question's. */
export interface Taken {
  readonly kind: "taken"
  readonly question: string
  readonly place: number
}

/** A latent that is moved, so far towards what stands for one result and for another. */
export interface Moved {
  readonly kind: "moved"
  readonly towards: readonly [number, number]
  readonly by: readonly [number, number]
}

/** What stands in for a latent of the model's own. */
export type Change = Taken | Moved

/** What the page shows, in words. */
export interface Shown {
  readonly model: ModelName
  readonly question: string
  /** By place; null where the latent is the model's own. */
  readonly changes: ReadonlyArray<Change | null>
  /** So many latents, whatever the stop head says. */
  readonly steps: number | null
  readonly panel: string | null
}

/** Latents that there may be. */
export const places = 3
/** How far a latent may be moved. */
export const farthest = 2

/** Nothing changed about how a question is thought. */
export const unchanged: Pick<Shown, "changes" | "steps"> = {
  changes: Array.from({ length: places }, () => null),
  steps: null
}

const bare = (question: string): string => question.replaceAll(" ", "")

/** A question as it is asked, or as it stands where it cannot be. */
const spaced = (typed: string): string => {
  const question = parseQuestion(typed)
  return isRefused(question) ? typed : question.text
}

/**
 * The part behind `#`.
 *
 *     toHash({ model: "grounded", question: "3 + 4 - 6", ... }) // "#q=3%2B4-6&model=grounded"
 */
export const toHash = ({ changes, model, panel, question, steps }: Shown): string => {
  const fields = new URLSearchParams({ q: bare(question), model })
  if (panel !== null) fields.set("panel", panel)
  if (steps !== null) fields.set("steps", `${steps}`)
  changes.forEach((change, at) => {
    if (change === null) return
    if (change.kind === "taken") fields.append("take", [at + 1, bare(change.question), change.place + 1].join(":"))
    else fields.append("move", [at + 1, ...change.towards, ...change.by.map((by) => by.toFixed(2))].join(":"))
  })
  return `#${fields.toString()}`
}

const within = (text: string | undefined, form: RegExp, least: number, most: number): number | null => {
  const value = text !== undefined && form.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most ? value : null
}
const whole = (text: string | undefined, least: number, most: number) => within(text, /^\d+$/, least, most)
const real = (text: string | undefined) => within(text, /^-?\d+(\.\d+)?$/, -farthest, farthest)

/** What a link shows, laid over what is shown otherwise; what it says that makes no sense is left out. */
export const fromHash = (hash: string, otherwise: Shown): Shown => {
  const fields = new URLSearchParams(hash.replace(/^#/, ""))
  const changes = [...unchanged.changes]
  for (const each of fields.getAll("take")) {
    const [at, question, place] = each.split(":")
    const [to, from] = [whole(at, 1, places), whole(place, 1, places)]
    if (to !== null && from !== null && question !== undefined)
      changes[to - 1] = { kind: "taken", question: spaced(question), place: from - 1 }
  }
  for (const each of fields.getAll("move")) {
    const [at, a, b, x, y] = each.split(":")
    const to = whole(at, 1, places)
    const [one, other] = [whole(a, 0, values - 1), whole(b, 0, values - 1)]
    const [right, up] = [real(x), real(y)]
    if (to !== null && one !== null && other !== null && right !== null && up !== null)
      changes[to - 1] = { kind: "moved", towards: [one, other], by: [right, up] }
  }
  const question = fields.get("q")
  return {
    model: modelNames.find((name) => name === fields.get("model")) ?? otherwise.model,
    question: question === null ? otherwise.question : spaced(question),
    changes,
    steps: whole(fields.get("steps") ?? undefined, 0, places),
    panel: fields.get("panel")
  }
}
