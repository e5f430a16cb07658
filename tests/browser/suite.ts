/** The device matrix without a test runner, so that the same code runs in Node and in a page. */
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as fc from "fast-check"
import { detect, layer, type Mode } from "@noema/tensor/gpujs"
import type { Case } from "../tensor/matrix/case.ts"
import { cases } from "../tensor/matrix/cases.ts"
import { evaluate } from "../tensor/matrix/check.ts"
import { checkWrong, wrongs } from "../tensor/matrix/checked.ts"
import { known } from "../tensor/matrix/known/all.ts"
import { graphOf, judgeKnown } from "../tensor/matrix/known/known.ts"
import { long } from "../tensor/gpujs/long.ts"
import { moved } from "../tensor/gpujs/moved.ts"
import { powers } from "../tensor/gpujs/powers.ts"
import { wide } from "../tensor/gpujs/wide.ts"
import { exceptions } from "./exceptions.ts"
import { judgeOnGpu } from "./judge.ts"
import { checkLoss } from "./loss.ts"
import { products } from "./products.ts"
import { checkRefusal } from "./refusal.ts"
import { checkRoom } from "./room.ts"
import { checkState } from "./state.ts"

export interface Outcome {
  readonly mode: Mode
  /** What ran the mode, or why it did not run. */
  readonly on: string
  readonly ran: boolean
  readonly passed: number
  readonly failures: ReadonlyArray<string>
}

/** Random samples per case; adapters emulated by the processor are slow. */
const runs = ({ group }: Case): number => (group === "combinations" ? 6 : group === "products" ? 2 : 4)

/** Every case of the matrix, programs of known values, and products large enough to be tiled, on one mode. */
export const runSuite = async (mode: Mode): Promise<Outcome> => {
  const detected = (await detect()).find((each) => each.mode === mode)!
  if (!detected.available) return { mode, on: detected.reason, ran: false, passed: 0, failures: [] }
  // Four elements a thread wherever that can be, however few there are.
  const runtime = ManagedRuntime.make(layer({ mode, software: true, blocking: { threads: 1, row: 1 } }))
  const failures: Array<string> = []
  let passed = 0
  for (const each of [...cases, ...moved, ...long, ...wide, ...powers, ...products]) {
    if (each.name in exceptions(mode)) continue
    const details = await fc.check(
      fc.asyncProperty(each.samples, async (sample) => {
        const wrong = judgeOnGpu(sample, await runtime.runPromise(evaluate(sample)), each)
        if (wrong !== null) throw new Error(wrong)
      }),
      { numRuns: runs(each), seed: 1, interruptAfterTimeLimit: 30_000 }
    )
    if (details.failed && details.counterexample !== null) {
      const { counterexample, errorInstance } = details
      const reason = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
      failures.push(`${each.group}: ${each.name}: ${reason}\n${fc.stringify(counterexample)}`)
    } else passed++
  }
  for (const each of known) {
    if (mode in (each.except ?? {})) continue
    const graph = graphOf(each)
    const wrong = await runtime.runPromise(evaluate({ graph, inputs: each.given.map(({ data }) => data) })).then(
      (found) => judgeKnown(each, graph, found, "graphics"),
      (error: unknown) => (error instanceof Error ? error.message : String(error))
    )
    if (wrong === null) passed++
    else failures.push(`known values: ${each.name}: ${wrong}`)
  }
  for (const each of wrongs) {
    const wrong = await runtime.runPromise(checkWrong(each))
    if (wrong === null) passed++
    else failures.push(`checked mode: ${wrong}`)
  }
  await runtime.dispose()
  for (const check of mode === "webgpu" ? [checkState, checkRefusal, checkRoom, checkLoss] : [checkState]) {
    const wrong = await check(mode)
    if (wrong === null) passed++
    else failures.push(wrong)
  }
  return { mode, on: detected.reason, ran: true, passed, failures }
}
