/** The state of the page as the part of its address behind `#`, so that a link shows what somebody saw. */
import { modelNames, type ModelName } from "./engine/protocol.ts"

/** A latent that is another's. */
export interface Taken {
  /** Of this question. */
  readonly question: string
  readonly place: number
}

/** What the page shows, in words. */
export interface Shown {
  readonly model: ModelName
  readonly question: string
  /** By place, what stands in for the model's own latent. */
  readonly taken: ReadonlyArray<Taken | null>
  /** So many latents, whatever the stop head says. */
  readonly steps: number | null
  readonly panel: string | null
}

const places = 3

const nobody: ReadonlyArray<null> = Array.from({ length: places }, () => null)

/** Nothing changed about how a question is thought. */
export const unchanged = { taken: nobody as ReadonlyArray<Taken | null>, steps: null }

const bare = (question: string): string => question.replaceAll(" ", "")

/**
 * The part behind `#`.
 *
 *     toHash({ model: "grounded", question: "3 + 4 - 6", ... }) // "#q=3%2B4-6&model=grounded"
 */
export const toHash = ({ model, panel, question, steps, taken }: Shown): string => {
  const fields = new URLSearchParams({ q: bare(question), model })
  if (panel !== null) fields.set("panel", panel)
  if (steps !== null) fields.set("steps", `${steps}`)
  taken.forEach((each, at) => {
    if (each !== null) fields.append("take", `${at + 1}:${bare(each.question)}:${each.place + 1}`)
  })
  return `#${fields.toString()}`
}

const whole = (text: string | null, least: number, most: number): number | null => {
  const value = text !== null && /^\d+$/.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most ? value : null
}

/** What a link shows, laid over what is shown otherwise; what it says that makes no sense is left out. */
export const fromHash = (hash: string, otherwise: Shown): Shown => {
  const fields = new URLSearchParams(hash.replace(/^#/, ""))
  const taken: Array<Taken | null> = [...nobody]
  for (const each of fields.getAll("take")) {
    const [at, question, place] = each.split(":")
    const [to, from] = [whole(at ?? null, 1, places), whole(place ?? null, 1, places)]
    if (to !== null && from !== null && question !== undefined) taken[to - 1] = { question, place: from - 1 }
  }
  return {
    model: modelNames.find((name) => name === fields.get("model")) ?? otherwise.model,
    question: fields.get("q") ?? otherwise.question,
    taken,
    steps: whole(fields.get("steps"), 0, places),
    panel: fields.get("panel")
  }
}
