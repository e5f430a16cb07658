/** What is printed is the program: read again, it gives the same numbers. */
import { Last, named, Random, Same, Tensor } from "@noema/tensor"
import { interpret } from "@noema/tensor/reference"
import { expect, it } from "vitest"
import { type Example, found, given } from "./corpus/found.ts"
import { generate } from "./generate/generate.ts"
import { printed } from "./program/print.ts"
import { type Subject, subjectOf, traced } from "./program/subject.ts"

const rooms = { found, given, Last, named, Random, Same, Tensor }

const readAgain = (text: string): Example =>
  new Function(...Object.keys(rooms), `return ${text}`)(...Object.values(rooms)) as Example

const values = (subject: Subject) =>
  interpret(
    traced(subject),
    subject.inputs.map(({ data }) => data)
  )

it("a printed program gives the numbers of the program", () => {
  for (let index = 0; index < 120; index++) {
    const program = generate(6, index)
    const { subject, title } = readAgain(printed(program, `program ${index}`))
    expect(title).toBe(`program ${index}`)
    expect(subject.form).toBe(program.form)
    expect(values(subject)).toEqual(values(subjectOf(program)))
  }
})
