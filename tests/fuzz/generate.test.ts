/** Random programs: the same for a seed, sound, and of every operation. */
import { Tensor } from "@noema/tensor"
import { interpret } from "@noema/tensor/reference"
import { describe, expect, it } from "vitest"
import { generate } from "./generate/generate.ts"
import { subjectOf, traced } from "./program/subject.ts"

const programs = Array.from({ length: 400 }, (_, index) => generate(3, index))

describe("generated programs", () => {
  it("are a function of the seed and the index", () => {
    for (const index of [0, 7, 211]) expect(generate(3, index)).toEqual(programs[index])
    expect(generate(4, 7)).not.toEqual(programs[7])
  })

  it("can be built and run", () => {
    for (const program of programs.slice(0, 100)) {
      const subject = subjectOf(program)
      const values = interpret(
        traced(subject),
        subject.inputs.map(({ data }) => data)
      )
      expect(values.length).toBeGreaterThan(0)
    }
  })

  it("call nearly every function of tensors there is", () => {
    const called = new Set(programs.flatMap(({ calls }) => calls.map(({ fn }) => fn)))
    // Not operations, or never more than another name for one that is called.
    const others = ["fromNode", "isTensor", "dim", "ensureShape", "scalar", "arange", "zeros", "ones", "fullLike"]
    const missing = Object.keys(Tensor).filter((name) => !others.includes(name) && !called.has(`Tensor.${name}`))
    expect(missing).toEqual([])
  })

  it("come in every form, with gradients, names, no elements and one", () => {
    const sizes = programs.flatMap(({ inputs }) => inputs.flatMap(({ shape }) => shape))
    expect(new Set(programs.map(({ form }) => form))).toEqual(new Set(["arguments", "checked", "constants", "update"]))
    expect(programs.some(({ gradient }) => gradient)).toBe(true)
    expect(sizes.some((size) => typeof size !== "number")).toBe(true)
    expect(sizes).toContain(0)
    expect(sizes).toContain(1)
    expect(programs.some(({ calls }) => calls.length >= 100)).toBe(true)
  })
})
