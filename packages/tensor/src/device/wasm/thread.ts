/** A worker thread of Node or of a browser, seen alike. */
import type { FromWorker, ToWorker } from "./messages.ts"

export interface Thread {
  readonly post: (message: ToWorker) => void
  /** Whether this thread keeps the process alive; browsers have no such notion. */
  readonly hold: (alive: boolean) => void
  readonly terminate: () => Promise<void>
}

export interface ThreadEvents {
  readonly onMessage: (message: FromWorker) => void
  /** It threw, exited or could not be started. */
  readonly onDeath: (reason: string) => void
}

/** The worker's file lies beside this one, as TypeScript in a checkout and as JavaScript in the package. */
const workerUrl = (): URL => new URL(`./worker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url)

export const startThread = (events: ThreadEvents, url: URL | string = workerUrl()): Thread => {
  const node = globalThis.process?.getBuiltinModule?.("node:worker_threads")
  if (node !== undefined) {
    const worker = new node.Worker(new URL(url))
    worker.on("message", events.onMessage)
    worker.on("error", (error) => events.onDeath(error instanceof Error ? error.message : String(error)))
    worker.on("exit", (code) => events.onDeath(`it exited with code ${code}`))
    worker.unref()
    return {
      post: (message) => worker.postMessage(message, []),
      hold: (alive) => (alive ? worker.ref() : worker.unref()),
      terminate: () => worker.terminate().then(() => undefined)
    }
  }
  const worker = new Worker(url, { type: "module" })
  worker.addEventListener("message", (event: MessageEvent<FromWorker>) => events.onMessage(event.data))
  worker.addEventListener("error", (event) => events.onDeath(event.message))
  return {
    post: (message) => worker.postMessage(message, []),
    hold: () => undefined,
    terminate: async () => worker.terminate()
  }
}
