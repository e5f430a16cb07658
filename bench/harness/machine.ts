/** The facts a figure means nothing without. */
import { execFileSync } from "node:child_process"
import { availableParallelism, cpus, loadavg, platform, totalmem } from "node:os"

export interface Machine {
  readonly date: string
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly platform: string
  readonly node: string
  readonly v8: string
  /** Load averages of 1, 5 and 15 minutes when the benchmark began: above the number of cores, others were at work. */
  readonly load: ReadonlyArray<number>
  readonly commit: string
}

export const machine = (): Machine => ({
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

const commit = (): string => {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"]
    }).trim()
  } catch {
    return "unknown"
  }
}
