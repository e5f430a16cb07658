/** Whole numbers at the ends of their range. */
import { Tensor } from "@noema/tensor"
import { type Known, shaped, wholes } from "./known.ts"

const [least, most] = [-(2 ** 31), 2 ** 31 - 1]

export const whole: ReadonlyArray<Known> = [
  {
    name: "the places of the largest and smallest whole numbers",
    given: [shaped([4, 3], wholes(5, least, -7, least, least, least, most, 3, most, 0, most, least))],
    of: (x) => [Tensor.argmin(x, 1), Tensor.argmax(x, 1), Tensor.argmin(x, 0), Tensor.argmax(x, 0)],
    right: [
      [1, 0, 1, 2],
      [0, 0, 0, 1],
      [1, 0, 1],
      [2, 3, 2]
    ]
  },
  {
    name: "counting to the ends of i32",
    given: [],
    of: () => [
      Tensor.arange(least, most + 1, 2 ** 30),
      Tensor.arange(3, -2, -2),
      Tensor.arange(5, 5),
      Tensor.arange(4)
    ],
    right: [[least, -(2 ** 30), 0, 2 ** 30], [3, 1, -1], [], [0, 1, 2, 3]]
  }
]
