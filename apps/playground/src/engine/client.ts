/** The page's side of its worker: questions as promises, and what happens where the worker dies or falls silent. */
import type { Kind, Reply, Requests } from "./protocol.ts"

/** A worker that answers. */
export interface Client {
  readonly ask: <K extends Kind>(kind: K, given: Requests[K]["given"]) => Promise<Requests[K]["found"]>
  /** A new worker of this name in place of one that does not answer any more, or is not wanted. */
  readonly restart: (name: string) => void
}

/** So long without an answer, in a page that is looked at, is a worker that does not answer any more. */
const silence = 30_000

interface Waiting {
  readonly found: (found: never) => void
  readonly failed: (error: Error) => void
}

/** Who is told in a sentence what went wrong. */
interface Told {
  /** There is nobody to ask any more. */
  readonly died: (reason: string) => void
  /** The device of the worker could not do what was asked. */
  readonly failed: (reason: string) => void
}

/** A client of the script at `url`, whose workers are first called `first`. */
export const client = (url: URL, first: string, { died, failed: deviceFailed }: Told): Client => {
  let name = first
  const waiting = new Map<number, Waiting>()
  let worker: Worker | null = null
  let next = 0
  let silent = 0

  const end = (reason: string) => {
    worker?.terminate()
    worker = null
    silent = 0
    for (const { failed } of waiting.values()) failed(new Error(reason))
    waiting.clear()
  }
  const die = (reason: string) => {
    end(reason)
    died(reason)
  }
  const begin = (): Worker => {
    const begun = new Worker(url, { type: "module", name })
    begun.addEventListener("message", ({ data }: MessageEvent<Reply>) => {
      silent = 0
      const one = waiting.get(data.id)
      waiting.delete(data.id)
      if (data.kind === "found") one?.found(data.found as never)
      else {
        one?.failed(new Error(data.reason))
        if (data.isDevice) deviceFailed(data.reason)
      }
    })
    begun.addEventListener("error", ({ message }) => die(`The engine stopped${message ? `: ${message}` : ""}.`))
    return begun
  }
  // Time that a sleeping tab misses counts for nothing.
  setInterval(() => {
    silent = waiting.size === 0 || document.hidden ? 0 : silent + 1000
    if (silent >= silence) die(`The engine has not answered for ${silence / 1000} seconds.`)
  }, 1000)

  return {
    ask: (kind, given) => {
      worker ??= begin()
      const id = next++
      return new Promise((found, failed) => {
        waiting.set(id, { found, failed })
        worker!.postMessage({ id, kind, given })
      })
    },
    restart: (next) => {
      name = next
      end("The engine was started anew.")
    }
  }
}
