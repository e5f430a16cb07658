/** A run that is killed again and again at random moments, and must end with the bits of one that was not. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { verifyRun } from "../../../packages/atp/src/checkpoint/verify.ts"
import { oneThread, tiny } from "../cli/noema.ts"

const main = fileURLToPath(new URL("../../../packages/atp/src/cli/start.ts", import.meta.url))

/** All three stages of ATP-Latent, with a checkpoint between and at the end of each. */
const rounds = ["rounds=4", "questions=2", "group=4", "minibatch=8"].flatMap((each) => [
  "--set",
  `reinforcement.${each}`
])
const command = (out: string): ReadonlyArray<string> => {
  const node = ["--conditions=@noema/source", main]
  return [...node, "rl", "atp-latent", ...oneThread, "--out", out, ...tiny, ...rounds]
}

/** Runs the command to its end, or until it is killed after so many milliseconds. */
const trained = (out: string, after: number, signal: NodeJS.Signals): Promise<number | null> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, command(out), { stdio: "ignore" })
    const timer = setTimeout(() => child.kill(signal), after)
    child.on("close", (code) => {
      clearTimeout(timer)
      resolve(code)
    })
  })

/** What a run leaves for others: its newest checkpoints, its metrics, its vocabulary and its config. */
const left = (out: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(out)
      .filter((name) => !name.endsWith(".previous.safetensors"))
      .toSorted()
      .map((name) => [name, readFileSync(join(out, name), "latin1")])
  )

const differing = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): ReadonlyArray<string> =>
  [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name))

/** How kills went. */
export interface Kills {
  readonly kills: number
  /** Kills by how far the run had come. */
  readonly found: Readonly<Record<string, number>>
  readonly ends: number
  /** Ends that were not those of a run that was not killed, or at which something was damaged: what differed. */
  readonly wrong: ReadonlyArray<string>
}

const placeOf = (out: string): string => {
  try {
    const names = readdirSync(out)
    if (names.some((name) => name.endsWith(".partial"))) return "while a file was written"
    if (names.includes("atp-latent.safetensors")) return "in reinforcement"
    if (names.includes("metrics.jsonl")) return "in supervised training"
    return "before the first update"
  } catch {
    return "before the folder"
  }
}

/** Kills runs so many times in all, each of them up to ten times before it may end. */
export const killed = async (count: number, tell: (line: string) => void): Promise<Kills> => {
  const home = mkdtempSync(join(tmpdir(), "noema-kills-"))
  const whole = join(home, "whole")
  const begun = performance.now()
  if ((await trained(whole, 2 ** 31 - 1, "SIGKILL")) !== 0) throw new Error("the run that is not killed failed")
  const span = performance.now() - begun
  tell(`a run that is not killed takes ${(span / 1000).toFixed(1)} s`)
  const expected = left(whole)
  const found: Record<string, number> = {}
  const wrong: Array<string> = []
  let [kills, ends] = [0, 0]
  while (kills < count) {
    const out = join(home, `run-${ends}`)
    let code: number | null = null
    for (let times = 0; times < 10 && kills < count && code !== 0; times++) {
      // One in five is asked to end, which it does after a checkpoint.
      const signal = Math.random() < 0.2 ? (Math.random() < 0.5 ? "SIGINT" : "SIGTERM") : "SIGKILL"
      code = await trained(out, Math.random() * span * 1.1, signal)
      if (code === 0) break
      if (code === 1) wrong.push(`run ${ends}: a restart failed`)
      kills++
      const place = placeOf(out)
      found[place] = (found[place] ?? 0) + 1
    }
    if (code !== 0) code = await trained(out, 2 ** 31 - 1, "SIGKILL")
    const names = code === 0 ? differing(expected, left(out)) : [`exit code ${code}`]
    const findings = await Effect.runPromise(Effect.provide(verifyRun(out), NodeFileSystem.layer))
    const damaged = findings.filter(({ state }) => state !== "good").map(({ file, state }) => `${file} ${state}`)
    if (names.length + damaged.length > 0) wrong.push(`run ${ends}: ${[...names, ...damaged].join(", ")}`)
    else rmSync(out, { recursive: true })
    ends++
    tell(`${kills} kills, ${ends} ends, ${wrong.length} wrong`)
  }
  if (wrong.length === 0) rmSync(home, { recursive: true })
  else tell(`what is wrong is in ${home}`)
  return { kills, found, ends, wrong }
}
