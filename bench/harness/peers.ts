/** The libraries we compare with. Each runs in a process of its own; one that is not there is reported, not fatal. */
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { startProcess } from "./process.ts"
import type { Absent, MeasuredProcess } from "./process.ts"
import { ownKernels, pinned, python } from "./python.ts"

export const peerNames = [
  "numpy",
  "torch",
  "jax-js",
  "tfjs-wasm",
  "onnxruntime",
  "gpujs-webasm",
  "gpujs-cpu",
  "loops"
] as const

export type PeerName = (typeof peerNames)[number]

const folder = fileURLToPath(new URL("../peers/", import.meta.url))

/** Scripts of the peers that come from `bench/peers/package.json`; the others need nothing that is not there. */
const installed: Partial<Record<PeerName, string>> = {
  "jax-js": "jaxjs.mjs",
  "tfjs-wasm": "tfjs.mjs",
  onnxruntime: "onnxruntime.mjs"
}

/** Starts a peer with `threads` threads (where it has a choice), installing the npm ones on first use. */
export const startPeer = async (
  name: PeerName,
  threads = 1,
  more: Readonly<Record<string, string>> = {}
): Promise<MeasuredProcess | Absent> => {
  const env = {
    ...more,
    OMP_NUM_THREADS: String(threads),
    OPENBLAS_NUM_THREADS: String(threads),
    MKL_NUM_THREADS: String(threads),
    BENCH_THREADS: String(threads)
  }
  if (name === "numpy" || name === "torch") {
    const found = python()
    if ("absent" in found) return { name, absent: found.absent }
    return startProcess({
      name,
      command: found.command,
      args: [`${folder}${name}_peer.py`],
      env: { ...ownKernels, BENCH_PINNED: pinned()[name]!, ...env }
    })
  }
  const script = installed[name]
  if (script !== undefined) {
    const problem = installPeers()
    if (problem !== undefined) return { name, absent: problem }
    return startProcess({ name, command: process.execPath, args: [`${folder}${script}`], cwd: folder, env })
  }
  const [own, ...args] = name === "loops" ? ["loops.mjs"] : ["gpujs.mjs", name.slice("gpujs-".length)]
  return startProcess({ name, command: process.execPath, args: [`${folder}${own}`, ...args], env })
}

/** Installs `bench/peers` from its lock file, unless it is there; gives the reason where that fails. */
export const installPeers = (): string | undefined => {
  const lock = createHash("sha256")
    .update(readFileSync(`${folder}package-lock.json`))
    .digest("hex")
  const stamp = `${folder}node_modules/.installed`
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return undefined
  console.error("Installing the libraries to compare with (npm ci in bench/peers) ...")
  try {
    execFileSync("npm", ["ci", "--ignore-scripts"], {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
      shell: process.platform === "win32"
    })
    writeFileSync(stamp, lock)
    return undefined
  } catch (error) {
    return `npm ci in bench/peers failed: ${(error as Error).message.split("\n")[0]}`
  }
}
