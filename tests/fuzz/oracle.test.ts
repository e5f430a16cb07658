/** The oracle notices what is wrong, and nothing else. */
import { stopGradient } from "@noema/autodiff"
import { Tensor } from "@noema/tensor"
import { wasmOptions } from "@noema/tensor/kernel"
import { describe, expect, it } from "vitest"
import { layer as planned } from "../tensor/matrix/planned.ts"
import { closed, type Found, nothing, opened, tried } from "./campaign.ts"
import { found, given } from "./corpus/found.ts"
import { byDifferences, onDevice, oracleOf } from "./examine.ts"
import type { FuzzDevice } from "./devices.ts"
import { faults, planted } from "./planted.ts"

const plain: FuzzDevice = {
  name: "kernels as fused",
  layer: planned(wasmOptions),
  family: "processor",
  floatsOnly: false,
  oneIn: 1,
  unchecked: true
}

/** The first find of a device among so many programs. */
const firstFind = async (device: FuzzDevice, programs: number): Promise<Found | undefined> => {
  const open = opened([device])
  for (let index = 0; index < programs; index++) {
    const finds = await tried(index, { seed: 5, devices: open, seconds: 10 }, nothing())
    if (finds.length > 0) {
      await closed(open)
      return finds[0]
    }
  }
  await closed(open)
  return undefined
}

describe("a device with one fault", () => {
  it.each(Object.entries(faults))("%s: is found, and made small", async (name, spoil) => {
    const find = await firstFind(planted(name, spoil), 400)
    expect(find?.on).toBe(name)
    expect(find!.program.calls.length).toBeLessThan(5)
  })
})

describe("a device that computes in 32-bit floats", () => {
  it("is not accused", async () => {
    expect(await firstFind(plain, 60)).toBeUndefined()
  })
})

describe("what is close to a decision", () => {
  const [open] = opened([plain])
  const undecided = async (title: string, of: (x: Tensor.Tensor<[3]>) => Tensor.AnyTensor): Promise<number> => {
    const { subject } = found(title, [given([3], [0.1, 0.7, 2])], (x) => [of(x)])
    const judgement = await onDevice(subject, oracleOf(subject), plain, open!.runtime)
    expect(judgement.fault).toBeNull()
    return judgement.undecided
  }

  it("is not judged where an error that is allowed may turn it", async () => {
    expect(await undecided("an identity of functions", (x) => Tensor.eq(Tensor.log(Tensor.exp(x)), x))).toBe(1)
    expect(await undecided("a rounded rounding", (x) => Tensor.floor(Tensor.div(Tensor.mul(x, 3), x)))).toBe(1)
  })

  it("is judged where one value is compared with itself, however inexact it is", async () => {
    expect(
      await undecided("a largest", (x) => {
        const y = Tensor.tanh(x)
        return Tensor.eq(y, Tensor.max(y, 0, { keepDims: true }))
      })
    ).toBe(0)
  })

  it("is judged where the values are exact", async () => {
    expect(await undecided("a literal", (x) => Tensor.ge(x, 0.1))).toBe(0)
  })
})

describe("finite differences", () => {
  const judged = (title: string, of: (x: Tensor.Tensor<[2]>) => Tensor.AnyTensor) =>
    byDifferences(found(title, [given([2], [0.3, 0.4])], (x) => [of(x)]).subject)

  it("say where a gradient is wrong", () => {
    const { fault } = judged("half of it is constant", (x) => Tensor.mul(stopGradient(x), x))
    expect(fault?.kind).toBe("gradient")
  })

  it("say nothing where a function jumps", () => {
    const close = (x: Tensor.Tensor<[2]>) => Tensor.floor(Tensor.mul(x, 1e5))
    expect(judged("a step", close)).toEqual({ fault: null, judged: 0, undecided: 1 })
    expect(judged("between steps", Tensor.round)).toEqual({ fault: null, judged: 1, undecided: 0 })
  })
})

describe("time", () => {
  it("is a fault where a program takes more than it may", async () => {
    const { subject } = found("a sum", [given([2], [1, 2])], (x) => [Tensor.sum(x)])
    const [open] = opened([plain])
    const { fault } = await onDevice(subject, oracleOf(subject), plain, open!.runtime, 0)
    expect(fault?.kind).toBe("time")
    await closed([open!])
  })
})
