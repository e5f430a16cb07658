/** Loaded into a process before its own script: writes the most memory it had, in bytes, to BENCH_PEAK when it ends. */
import { writeFileSync } from "node:fs"
import { isMainThread } from "node:worker_threads"

if (isMainThread) {
  process.on("SIGTERM", () => process.exit(0))
  process.on("exit", () => writeFileSync(process.env.BENCH_PEAK, String(1024 * process.resourceUsage().maxRSS)))
}
