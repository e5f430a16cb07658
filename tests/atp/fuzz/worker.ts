/** Judges case after case and reports each to the process that watches over it. */
import { Fault, judge, type Target } from "./judge.ts"
import { targets } from "./targets.ts"

/** What is reported: that a case begins, and what came of it. */
export type Report =
  | { readonly kind: "begin"; readonly target: string; readonly index: number }
  | { readonly kind: "read" | "refused"; readonly target: string; readonly index: number; readonly mebibytes: number }
  | {
      readonly kind: "fault"
      readonly target: string
      readonly index: number
      readonly mebibytes: number
      readonly message: string
      /** In base64. */
      readonly bytes?: string
    }

interface Task {
  readonly folder: string
  readonly seed: number
  readonly from: ReadonlyArray<readonly [target: string, index: number]>
  readonly target?: string
  readonly case?: number
}

const task = JSON.parse(process.argv[2]!) as Task
const report = (what: Report): Promise<void> =>
  new Promise((resolve, reject) =>
    process.send!(what, (error: Error | null) => (error === null ? resolve() : reject(error)))
  )

const one = async (target: Target, index: number): Promise<void> => {
  const { name } = target
  await report({ kind: "begin", target: name, index })
  const mebibytes = () => process.memoryUsage().rss / 2 ** 20
  try {
    const kind = await judge(target, task.seed, index)
    await report({ kind, target: name, index, mebibytes: mebibytes() })
  } catch (error) {
    const fault = error instanceof Fault ? error : new Fault((error as Error).stack ?? String(error))
    const bytes = fault.bytes === undefined ? {} : { bytes: Buffer.from(fault.bytes).toString("base64") }
    await report({ kind: "fault", target: name, index, mebibytes: mebibytes(), message: fault.message, ...bytes })
  }
}

const next = new Map(task.from)
const chosen = (await targets(task.folder)).filter(([{ name }]) => task.target === undefined || name === task.target)
if (chosen.length === 0) throw new Error(`there is no target ${task.target}`)
if (task.case !== undefined) await one(chosen[0]![0], task.case)
else
  for (;;)
    for (const [target, turns] of chosen)
      for (let turn = 0; turn < turns; turn++) {
        const index = next.get(target.name) ?? 0
        next.set(target.name, index + 1)
        await one(target, index)
      }
process.disconnect()
