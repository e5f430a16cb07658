/** The facts a figure means nothing without. */
import { execFileSync } from "node:child_process"
import { availableParallelism, cpus, loadavg, platform, totalmem } from "node:os"
import { setTimeout } from "node:timers/promises"

export interface Machine {
  readonly date: string
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly platform: string
  readonly node: string
  readonly v8: string
  /** Load averages of 1, 5 and 15 minutes when the benchmark began. They remember work that has ended. */
  readonly load: ReadonlyArray<number>
  /** How many cores were at work just before the benchmark began. */
  readonly busy?: number
  readonly commit: string
}

export const machine = async (): Promise<Machine> => ({
  busy: await busyCores(),
  date: new Date().toISOString(),
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  platform: `${platform()} ${process.arch}`,
  node: process.version,
  v8: process.versions.v8,
  load: loadavg().map((value) => Math.round(value * 100) / 100),
  commit: commit()
})

/** Cores at work over half a second in which this process waits. */
const busyCores = async (): Promise<number> => {
  const before = working()
  const start = performance.now()
  await setTimeout(500)
  return Math.round((100 * (working() - before)) / (performance.now() - start)) / 100
}

/** Milliseconds that all cores have worked. */
const working = (): number =>
  cpus().reduce((sum, { times: { irq, nice, sys, user } }) => sum + user + nice + sys + irq, 0)

const git = (...args: ReadonlyArray<string>): string =>
  execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim()

const commit = (): string => {
  try {
    const at = git("rev-parse", "--short", "HEAD")
    // What benchmarks write themselves is no change of what they measure.
    const changed = git(
      "status",
      "--porcelain",
      "--",
      ":/",
      ":(exclude,top)bench/results",
      ":(exclude,top)docs/performance.md"
    )
    return changed === "" ? at : `${at}-dirty`
  } catch {
    return "unknown"
  }
}
