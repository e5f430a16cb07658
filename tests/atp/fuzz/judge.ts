/** What may come of reading a file: it is read, or it is refused in one clear sentence. Anything else is a fault. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as FileSystem from "effect/FileSystem"
import { Key } from "../inside.ts"
import type { Dice } from "./mutate.ts"

/** A file that was neither read for what it says nor refused in a sentence; with the bytes that show it. */
export class Fault extends Error {
  readonly bytes: Uint8Array | undefined
  constructor(message: string, bytes?: Uint8Array) {
    super(message)
    this.bytes = bytes
  }
}

/** Fails where `holds` is false. */
export const hold = (holds: boolean, message: string): void => {
  if (!holds) throw new Fault(message)
}

/** What is wrong with what a user is told, or null: one line, nothing a terminal obeys, no place in the code. */
export const faultOfSentence = (message: string, most = 1000): string | null => {
  if (message.trim() === "") return "says nothing"
  if (message.length > most) return `has ${message.length} signs`
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(message)) return "has control characters"
  if (/\n\s+at |\.(ts|js|mjs):\d+/.test(message)) return "names a place in the code"
  return message.includes("[object ") ? "shows an object" : null
}

/** The value of a JSON text as it would be written again, in which -0 is 0. */
export const jsonOf = (text: string | Uint8Array): unknown => {
  const decoded = typeof text === "string" ? text : new TextDecoder().decode(text)
  return JSON.parse(JSON.stringify(JSON.parse(decoded)))
}

export type Outcome<A> = { readonly value: A } | { readonly refused: string }

/** Runs a reader. A defect is a fault, and so is a refusal that is not a sentence. */
export const outcomeOf = async <A>(
  effect: Effect.Effect<A, { readonly _tag: string; readonly message: string }, FileSystem.FileSystem>
): Promise<Outcome<A>> => {
  const exit = await Effect.runPromiseExit(Effect.provide(effect, NodeFileSystem.layer))
  if (Exit.isSuccess(exit)) return { value: exit.value }
  const failure = exit.cause.reasons.find(Cause.isFailReason)
  if (failure === undefined) throw new Fault(Cause.pretty(exit.cause))
  const { _tag, message } = failure.error
  const wrong = typeof _tag === "string" ? faultOfSentence(message) : "has no tag"
  if (wrong !== null) throw new Fault(`a refusal ${wrong}: ${JSON.stringify(message.slice(0, 400))}`)
  return { refused: message }
}

/** Something that reads files, and cases for it: every number is a case of its own. */
export interface Target {
  readonly name: string
  /** Makes one case and judges it. Throws a `Fault`. */
  readonly check: (dice: Dice) => Promise<"read" | "refused">
}

/** Judges case number `index` of a target. */
export const judge = (target: Target, seed: number, index: number): Promise<"read" | "refused"> =>
  target.check(Key.draws(Key.derive(Key.fromSeed(seed), target.name, index)))
