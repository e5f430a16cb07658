import { describe, expect, it } from "vitest"
import { Shared } from "../../../packages/tensor/src/device/gpujs/shared.ts"

describe("what programs share", () => {
  it("is made once, and let go of with the last that uses it", () => {
    const gone: Array<number> = []
    let made = 0
    const shared = new Shared<number>((value) => gone.push(value))
    const take = () => shared.take("kernel", () => ++made)
    expect([take(), take()]).toEqual([1, 1])
    shared.release("kernel")
    expect(gone).toEqual([])
    shared.release("kernel")
    expect(gone).toEqual([1])
    shared.release("kernel")
    expect(take()).toBe(2)
    shared.clear()
    expect(gone).toEqual([1, 2])
  })
})
