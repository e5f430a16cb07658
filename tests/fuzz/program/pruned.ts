/** A program without what its outputs do not need. */
import { type Program, referred, renumbered } from "./program.ts"

export const pruned = (program: Program): Program => {
  const { calls, inputs, outputs } = program
  const needed = new Set(outputs)
  for (let i = calls.length - 1; i >= 0; i--)
    if (needed.has(inputs.length + i)) calls[i]!.args.flatMap(referred).forEach((value) => needed.add(value))
  const kept = Array.from({ length: inputs.length + calls.length }, (_, i) => i).filter((value) => needed.has(value))
  const numbers = new Map(kept.map((value, to) => [value, to]))
  const to = (value: number): number => numbers.get(value)!
  return {
    ...program,
    inputs: inputs.filter((_, i) => needed.has(i)),
    calls: calls.filter((_, i) => needed.has(inputs.length + i)).map((call) => renumbered(call, to)),
    outputs: outputs.map(to)
  }
}
