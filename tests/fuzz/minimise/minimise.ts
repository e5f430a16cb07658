/** The smallest program that still fails: cuts and simplifications, again and again, for as long as one of them fails too. */
import type { Program } from "../program/program.ts"
import { printed } from "../program/print.ts"
import { pruned } from "../program/pruned.ts"
import { bypassed, earlier, fewerOutputs, given, nameless, plainer } from "./cuts.ts"
import { plainerCalls, plainerNumbers, shorter, shorterAxes } from "./simpler.ts"

/** What makes a program large, what matters most first. */
const weights = (program: Program): ReadonlyArray<number> => {
  const { calls, form, gradient, inputs, outputs } = program
  const elements = inputs.reduce((sum, { data }) => sum + data.length, 0)
  return [
    calls.length,
    Number(gradient) + Number(form !== "arguments"),
    outputs.length + inputs.length,
    elements,
    printed(program, "").length
  ]
}

const isLess = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): boolean => {
  const place = a.findIndex((weight, i) => weight !== b[i])
  return place >= 0 && a[place]! < b[place]!
}

export interface Budget {
  /** Programs to try at most. */
  readonly tries: number
  readonly seconds: number
}

const passes: ReadonlyArray<(program: Program) => Iterable<Program>> = [
  fewerOutputs,
  earlier,
  plainer,
  given,
  bypassed,
  nameless,
  shorter,
  shorterAxes,
  plainerCalls,
  plainerNumbers
]

/**
 * A program that `fails` and that no single step makes smaller, or what was reached within the budget. `fails` says false
 * of what does not fail in the same way, and of what cannot be built.
 */
export const minimised = async (
  program: Program,
  fails: (program: Program) => Promise<boolean>,
  budget: Budget
): Promise<Program> => {
  const end = performance.now() + 1000 * budget.seconds
  let current = pruned(program)
  let tries = 0
  const spent = (): boolean => tries >= budget.tries || performance.now() > end
  const better = async (pass: (program: Program) => Iterable<Program>): Promise<Program | null> => {
    const weight = weights(current)
    for (const candidate of pass(current)) {
      if (spent()) return null
      const next = pruned(candidate)
      if (!isLess(weights(next), weight)) continue
      tries++
      if (await fails(next)) return next
    }
    return null
  }
  for (let improved = true; improved && !spent();) {
    improved = false
    for (const pass of passes)
      for (let next = await better(pass); next !== null; next = await better(pass)) {
        current = next
        improved = true
      }
  }
  return current
}
