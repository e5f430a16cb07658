/** Processes that start in one folder at the same moment, again and again. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as Effect from "effect/Effect"
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { encodeHolder, holderHere } from "../../../packages/atp/src/run/holder.ts"

/** What a process is told: which folder, and when, in milliseconds since 1970. */
export interface Start {
  readonly folder: string
  readonly at: number
}

/** How it went; anything else is what went wrong. */
export type Outcome = "entered" | "refused" | "crowded" | (string & {})

/** The lock of a process that was killed. */
export const staleLock = async (): Promise<string> => {
  const here = await Effect.runPromise(Effect.provide(holderHere, NodeFileSystem.layer))
  return encodeHolder({ ...here, pid: spawnSync(process.execPath, ["--version"]).pid, start: "1" })
}

/** What is in the folder beforehand: nothing, the lock of a process that was killed, or a lock without content. */
export const lockStates = { fresh: async () => null, stale: staleLock, empty: async () => "" } as const

/** How a process comes to have a space of process numbers of its own, as in a container; null where it may not. */
export const apart: ReadonlyArray<string> | null = (() => {
  const command = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
  return spawnSync(command[0]!, [...command.slice(1), "true"]).status === 0 ? command : null
})()

const outcomeOf = async (racer: ChildProcess): Promise<Outcome> => {
  const [outcome] = await once(racer, "message")
  return outcome as Outcome
}

/**
 * Makes races among so many processes, each started by `within`; gives what was said how often, and how many races nobody
 * won.
 */
export const races = async (
  state: keyof typeof lockStates,
  count: number,
  processes: number,
  within: ReadonlyArray<string> = []
): Promise<{ readonly outcomes: Readonly<Record<string, number>>; readonly unwon: number }> => {
  const racer = fileURLToPath(new URL("racer.ts", import.meta.url))
  const command = [...within, process.execPath, "--conditions=@noema/source", racer]
  const racers = Array.from({ length: processes }, () =>
    spawn(command[0]!, command.slice(1), { stdio: ["ignore", "inherit", "inherit", "ipc"] })
  )
  const home = mkdtempSync(join(tmpdir(), "noema-races-"))
  const lock = await lockStates[state]()
  const outcomes: Record<string, number> = {}
  let unwon = 0
  try {
    await Promise.all(racers.map(outcomeOf))
    for (let i = 0; i < count; i++) {
      const folder = mkdtempSync(join(home, "run-"))
      if (lock !== null) writeFileSync(join(folder, "lock"), lock)
      const start: Start = { folder, at: performance.timeOrigin + performance.now() + 3 }
      const all = await Promise.all(
        racers.map((racer) => {
          racer.send(start)
          return outcomeOf(racer)
        })
      )
      for (const outcome of all) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
      if (!all.includes("entered")) unwon++
    }
  } finally {
    // They end when nobody speaks to them any more.
    for (const racer of racers) racer.disconnect()
    rmSync(home, { recursive: true, force: true })
  }
  return { outcomes, unwon }
}
