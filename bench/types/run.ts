/**
 * What the tensor DSL costs the type checker: instantiations per call, and the time to check 300 uses. With
 * `--base=FOLDER`, also what the package of methods and an application of it cost beside another checkout.
 */
import type { BenchModule, Row } from "../harness/module.ts"
import { typeCheck } from "./compiler.ts"
import { projectsBeside } from "./projects.ts"
import { source, uses } from "./uses.ts"

export const name = "types"

const check = async (text: string) => {
  const checked = await typeCheck({ "uses.ts": text })
  if (checked.diagnostics.length > 0) throw new Error(checked.diagnostics[0]!.text)
  return checked
}

export const run: BenchModule["run"] = async ({ args, quick }) => {
  const base = args.find((arg) => arg.startsWith("--base="))?.slice("--base=".length)
  const each = quick ? 10 : 60
  const nothing = await check(source(0))
  const rows: Array<Row> = []
  for (const operation of Object.keys(uses)) {
    const { instantiations } = await check(source(each, [operation]))
    rows.push({ operation, "instantiations per call": Math.round((instantiations - nothing.instantiations) / each) })
  }
  const times = []
  let instantiations = 0
  for (let round = 0; round < (quick ? 1 : 5); round++) {
    const [empty, full] = [await check(source(0)), await check(source(300))]
    times.push(full.checkMs - empty.checkMs)
    instantiations = full.instantiations - empty.instantiations
  }
  if (base) rows.push(...(await projectsBeside(base, quick ? 1 : 3)))
  const best = Math.min(...times).toFixed(0)
  return {
    rows,
    notes: [
      `300 uses, all operations in turn: ${instantiations} instantiations, checked in ${best} ms (best of ${times.length}, one thread), beside ${nothing.instantiations} instantiations for importing the package.`,
      "Counts are exact and do not depend on the machine. Each call includes the `zeros` that make its operands."
    ]
  }
}
