/** Checked mode on any device: the first operation that goes wrong, by name. */
import { Tensor } from "@noema/tensor"
import { input, reduce } from "@noema/tensor/graph"
import * as Effect from "effect/Effect"
import { Device } from "../../../packages/tensor/src/device/device.ts"

export interface Wrong {
  readonly data: ReadonlyArray<number>
  readonly of: (x: any) => Tensor.AnyTensor
  /** What the failure says. */
  readonly says: string
}

export const wrongs: ReadonlyArray<Wrong> = [
  { data: [1, 0, 2], of: (x) => Tensor.exp(Tensor.log(x)), says: "log f32[3] of x: -Infinity at [1] from 0" },
  { data: [1, 2, -1], of: (x) => Tensor.log(x), says: "log f32[3] of x: NaN at [2] from -1" },
  { data: [-4, 2], of: (x) => Tensor.sqrt(x), says: "sqrt f32[2] of x: NaN at [0] from -4" },
  { data: [1, 100], of: (x) => Tensor.neg(Tensor.exp(x)), says: "exp f32[2] of x: Infinity at [1] from 100" },
  { data: [-2, 3], of: (x) => Tensor.pow(x, 0.5), says: "pow f32[2] of x: NaN at [0] from -2 and 0.5" },
  { data: [1, 0], of: (x) => Tensor.div(x, x), says: "div f32[2] of x, x: NaN at [1] from 0 and 0" },
  {
    data: [3e38, 3e38],
    of: (x) => Tensor.fromNode(reduce("sum", x.node, [0])),
    says: "sum f32[] of x: Infinity at [] from finite values"
  }
]

/** What is wrong with the way in which a device tells it, or null. */
export const checkWrong = ({ data, of, says }: Wrong): Effect.Effect<string | null, never, Device> =>
  Effect.gen(function* () {
    const x = input("x", [data.length], "f32")
    const device = yield* Device
    const executable = yield* device.compile({ inputs: [x], outputs: [of(Tensor.fromNode(x)).node] }, { checked: true })
    const [found] = yield* executable.run([Float32Array.from(data)], [null])
    return `expected the failure "${says}", found [${[...found!].join(", ")}]`
  }).pipe(
    Effect.scoped,
    Effect.catch((error) =>
      Effect.succeed(error.message === says ? null : `expected the failure "${says}", found "${error.message}"`)
    )
  )
