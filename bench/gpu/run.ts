/** Products and the training step on WebGPU and WebGL, in Node and Chromium, on whatever adapter there is. */
import { fileURLToPath } from "node:url"
import type { BenchOptions, BenchOutcome } from "../harness/module.ts"
import { installPeers, startPeer } from "../harness/peers.ts"
import { nodeProcess, startProcess } from "../harness/process.ts"
import { contest, type Start } from "./contest.ts"

export const name = "gpu"

const peers = fileURLToPath(new URL("../peers/", import.meta.url))

const chromium = fileURLToPath(new URL("./chromium.ts", import.meta.url))

/** Starts a script of `peers`, or a page that runs it; the peers are installed if they are not there yet. */
const start: Start = async (key, script, args, env) => {
  if (script === "ours") return nodeProcess(key, new URL("./ours.ts", import.meta.url), { env })
  if (script === "torch") return startPeer("torch", 1, env)
  if (script === "jaxjs" || args[0] === "jaxjs") {
    const problem = installPeers()
    if (problem !== undefined) return { name: key, absent: problem }
  }
  if (script === "page")
    return startProcess({
      name: key,
      command: process.execPath,
      args: ["--conditions=@noema/source", chromium, ...args],
      env
    })
  return startProcess({ name: key, command: process.execPath, args: [`${peers}jaxjs.mjs`, ...args], cwd: peers, env })
}

export const run = ({ quick }: BenchOptions): Promise<BenchOutcome> =>
  contest(start, { quick, repeat: 20, browser: true })
