/** Long programs of a few calls again and again, as unrolled loops are. What they cost has to grow with their length. */
import type { Dice } from "../dice.ts"
import { type Call, type Input, type Program, ref } from "../program/program.ts"
import { drawn } from "./data.ts"

/** What one round makes of the last value `y` and of the input, given the number of the next value. */
type Round = (y: number, next: number) => ReadonlyArray<Call>

const x = ref(0)

const rounds: ReadonlyArray<Round> = [
  (y, next) => [
    { fn: "Tensor.mul", args: [x, 0.5] },
    { fn: "Tensor.add", args: [ref(y), ref(next)] }
  ],
  (y) => [{ fn: "Tensor.add", args: [ref(y), x] }],
  (y) => [{ fn: "Tensor.tanh", args: [ref(y)] }],
  (y, next) => [
    { fn: "Tensor.sum", args: [ref(y), -1, { keepDims: true }] },
    { fn: "Tensor.mul", args: [ref(next), 0.01] },
    { fn: "Tensor.add", args: [ref(next + 1), x] }
  ],
  (y, next) => [
    { fn: "Tensor.slice", args: [ref(y), 0, [1]] },
    { fn: "Tensor.pad", args: [ref(next), [[0, 1]], 0.5] }
  ],
  (y) => [{ fn: "Tensor.maximum", args: [ref(y), x] }]
]

export const chain = (dice: Dice): Program => {
  const length = dice.pick([3, 8, 16])
  const input: Input = { shape: [length], dtype: "f32", data: drawn(dice, "f32", length, 0) }
  const round = dice.pick(rounds)
  const turns = dice.pick([100, 300, 1000, 2000])
  const calls: Array<Call> = []
  for (let turn = 0; turn < turns; turn++) calls.push(...round(calls.length, calls.length + 1))
  return { inputs: [input], calls, outputs: [calls.length], form: "arguments", gradient: dice.chance(0.3) }
}
