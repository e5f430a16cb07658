/**
 * The trial of the revectorize tier: a process of its own sets the flag and multiplies matrices in both ways. A crash
 * there costs nothing here. Success is remembered per engine version and processor in the temporary folder.
 */

const patience = 20_000

interface Verdict {
  readonly works: boolean
}

/** Whether wider vectors compute right and are faster, by an earlier verdict or a new trial. */
export const trial = async (): Promise<boolean> => {
  const { getBuiltinModule } = process
  const fs = getBuiltinModule("node:fs")
  const os = getBuiltinModule("node:os")
  const user = process.getuid?.() ?? 0
  const machine = `${process.versions.v8}-${process.arch}-${os.cpus()[0]?.model ?? ""}-${user}`
  const file = getBuiltinModule("node:path").join(os.tmpdir(), `noema-wasm-${machine.replace(/[^\w.-]+/g, "_")}.json`)
  try {
    // Only what this user wrote is believed.
    if (process.getuid === undefined || fs.statSync(file).uid === user)
      return (JSON.parse(fs.readFileSync(file, "utf8")) as Verdict).works === true
  } catch {
    // No verdict yet, or not one that can be read.
  }
  const works = await inChild()
  // A failure may come from a busy moment: only success is kept.
  if (!works) return false
  try {
    const verdict: Verdict = { works }
    const draft = `${file}.${process.pid}`
    fs.writeFileSync(draft, JSON.stringify(verdict), { flag: "wx" })
    fs.renameSync(draft, file)
  } catch {
    // Then the next process tries again.
  }
  return true
}

/** The child's file lies beside this one, as TypeScript in a checkout and as JavaScript in the package. */
const inChild = (): Promise<boolean> => {
  const { execFile } = process.getBuiltinModule("node:child_process")
  const url = new URL(`./trial-child${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url)
  const path = process.getBuiltinModule("node:url").fileURLToPath(url)
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--no-warnings", path],
      { timeout: patience, env: { ...process.env, NODE_OPTIONS: "" } },
      (error, output) => resolve(error === null && output.trim() === "works")
    )
  })
}
