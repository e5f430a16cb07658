/** A process of its own for what an exercise does: `child.ts CHECK EXERCISE` runs the checks and tells of each. */
import type { Device } from "@noema/tensor"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"
import { pathToFileURL } from "node:url"
import type { Checks, Kind } from "../check/check.ts"
import { layerOf } from "./devices.ts"
import type { Told } from "./told.ts"

const [check, exercise] = process.argv.slice(2) as [string, string]

const tell = (told: Told): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined) resolve()
    else process.send(told, () => resolve())
  })

/** The line of the exercise that something was thrown in, if it was there. */
const lineOf = (error: unknown): number | null => {
  const stack = error instanceof Error ? (error.stack ?? "") : ""
  const at = stack.lastIndexOf(exercise, stack.indexOf("\n    at ") < 0 ? 0 : undefined)
  const first = at < 0 ? -1 : stack.indexOf(exercise)
  const line = first < 0 ? undefined : /^:(\d+)/.exec(stack.slice(first + exercise.length))?.[1]
  return line === undefined ? null : Number(line)
}

const threw = (error: unknown, hint: string): Told => {
  const text =
    error instanceof Error ? `${error.name === "Error" ? "" : `${error.name}: `}${error.message}` : String(error)
  return { threw: text.split("\n")[0]!.slice(0, 400), line: lineOf(error), hint }
}

/** What is done with an exercise, on the device of a kind of checks. */
const on = <A, E>(
  kind: Kind,
  what: () => Effect.Effect<A, E, Device.Device | FileSystem.FileSystem | Scope.Scope>
): Effect.Effect<A, E | Device.DeviceUnavailable> =>
  Effect.suspend(what).pipe(Effect.scoped, Effect.provide(layerOf(kind)))

const main = async (): Promise<Told> => {
  const { default: lesson } = (await import(pathToFileURL(check).href)) as { readonly default: Checks<unknown> }
  let module: unknown
  try {
    module = await import(pathToFileURL(exercise).href)
  } catch (error) {
    return threw(error, lesson.hint)
  }
  for (const [i, { hint, kind, name, run }] of lesson.checks.entries()) {
    await tell({ at: i, name })
    const exit = await Effect.runPromiseExit(on(kind, () => run(module)))
    if (Exit.isFailure(exit)) return threw(Cause.squash(exit.cause), hint)
    if (exit.value !== null) return { failed: i, said: exit.value, hint }
  }
  const [done, { plot }] = [lesson.checks.length, lesson]
  if (plot === undefined) return { done, plot: null }
  await tell({ at: done, name: "the plot" })
  const drawn = await Effect.runPromiseExit(on("behaviour", () => plot(module)))
  return Exit.isFailure(drawn) ? threw(Cause.squash(drawn.cause), lesson.hint) : { done, plot: drawn.value }
}

await tell(await main())
// What an exercise has left running does not keep the verdict waiting.
process.exit(0)
