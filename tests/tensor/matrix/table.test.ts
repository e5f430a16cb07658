/** `NOEMA_WRITE_DOCS=1 npx vitest run tests/tensor/matrix/table.test.ts` brings the table of operations up to date. */
import { binaryTypes, topological, unaryTypes } from "@noema/tensor/graph"
import * as fc from "fast-check"
import * as fs from "node:fs"
import { expect, it } from "vitest"
import { lowerings } from "../../../packages/tensor/src/kernel/lowering.ts"
import { cases } from "./cases.ts"
import { devices } from "./devices.ts"
import { markers, table } from "./table.ts"

const page = new URL("../../../docs/tensor.md", import.meta.url)

it("the table of operations in docs/tensor.md is that of the device matrix", () => {
  const [start, end] = markers
  const text = fs.readFileSync(page, "utf8")
  const [before, rest] = text.split(start) as [string, string]
  const [found, after] = rest.split(end) as [string, string]
  const wanted = `\n\n${table(cases, devices)}\n\n`
  if (process.env["NOEMA_WRITE_DOCS"] === "1") fs.writeFileSync(page, `${before}${start}${wanted}${end}${after}`)
  else expect(found).toBe(wanted)
})

it("every operation has a name of its own, and every exception names one", () => {
  const names = cases.map((each) => each.name)
  expect(new Set(names).size).toBe(names.length)
  expect(devices.flatMap((device) => Object.keys(device.except)).filter((name) => !names.includes(name))).toEqual([])
})

it("no primitive is left out, and no function of an element type", () => {
  const seen = new Set<string>()
  for (const { large, samples } of cases)
    for (const { graph } of fc.sample(samples, { numRuns: large === true ? 1 : 4, seed: 1 }))
      for (const { dtype, op } of topological(graph.outputs)) {
        seen.add(op.kind)
        if (op.kind === "unary" || op.kind === "binary") seen.add(`${op.fn} of ${dtype}`)
      }
  const functions = Object.entries({ ...unaryTypes, ...binaryTypes }).flatMap(([fn, types]) =>
    types.map((dtype) => `${fn} of ${dtype}`)
  )
  expect([...Object.keys(lowerings), ...functions].filter((name) => !seen.has(name))).toEqual([])
})
