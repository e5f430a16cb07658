/** Products and the training step on WebGPU, on whatever adapter there is. */
import { fileURLToPath } from "node:url"
import type { BenchOptions, BenchOutcome } from "../harness/module.ts"
import { startPeer } from "../harness/peers.ts"
import { isAbsent, nodeProcess, startProcess } from "../harness/process.ts"
import { contest, type Start } from "./contest.ts"

export const name = "gpu"

const peers = fileURLToPath(new URL("../peers/", import.meta.url))

const start: Start = async (key, script, args, env) => {
  if (script === "ours") return nodeProcess(key, new URL("./ours.ts", import.meta.url), { env })
  // Installs the peers if they are not there yet.
  const installed = await startPeer("jax-js")
  if (isAbsent(installed)) return installed
  installed.close()
  return startProcess({ name: key, command: process.execPath, args: [`${peers}jaxjs.mjs`, ...args], cwd: peers, env })
}

export const run = ({ quick }: BenchOptions): Promise<BenchOutcome> => contest(start, { quick, repeat: 20 })
