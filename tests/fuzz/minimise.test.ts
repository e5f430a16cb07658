/** Programs made small go on to fail, and are small. */
import { interpret } from "@noema/tensor/reference"
import { describe, expect, it } from "vitest"
import { generate } from "./generate/generate.ts"
import { minimised } from "./minimise/minimise.ts"
import type { Program } from "./program/program.ts"
import { subjectOf, traced } from "./program/subject.ts"

const budget = { tries: 3000, seconds: 20 }

const builds = (program: Program): boolean => {
  try {
    const subject = subjectOf(program)
    interpret(
      traced(subject),
      subject.inputs.map(({ data }) => data)
    )
    return true
  } catch {
    return false
  }
}

const calls = (program: Program, fn: string): boolean => program.calls.some((call) => call.fn === fn)

describe("a program made small", () => {
  it("has only the calls it fails by, and the plainest numbers", async () => {
    const fails = async (program: Program): Promise<boolean> => builds(program) && calls(program, "Tensor.matmul")
    const seeds = Array.from({ length: 80 }, (_, index) => generate(8, index))
    const failing = seeds.filter((program) => calls(program, "Tensor.matmul") && program.calls.length > 8).slice(0, 4)
    expect(failing.length).toBe(4)
    for (const program of failing) {
      const small = await minimised(program, fails, budget)
      expect(await fails(small)).toBe(true)
      expect(small.calls.map(({ fn }) => fn)).toEqual(["Tensor.matmul"])
      expect(small.inputs.flatMap(({ data }) => [...data]).every((x) => [0, 1].includes(x))).toBe(true)
      expect(small.form).toBe("arguments")
      expect(small.gradient).toBe(false)
    }
  })
})
