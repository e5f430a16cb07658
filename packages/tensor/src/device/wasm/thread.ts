/** A worker thread of Node or of a browser, seen alike. */
import type { FromWorker, ToWorker } from "./messages.ts"
import { workerText } from "./worker-text.ts"

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

/** Where a worker's script is: as text, or at an address. */
export type Script = { readonly text: string } | { readonly url: URL | string }

/** Named apart so that bundlers leave the address alone: where they are at work there is the text. */
const here = import.meta.url

const script = (url: URL | string | undefined): Script => {
  if (url !== undefined) return { url }
  if (workerText !== null) return { text: workerText }
  return { url: new URL(here.endsWith(".ts") ? "./worker.ts" : "./worker.js", here) }
}

/** Starts a worker; one that cannot even be made dies a moment later, with the reason. */
export const startThread = (events: ThreadEvents, url?: URL | string): Thread => {
  const found = script(url)
  const node = globalThis.process?.getBuiltinModule?.("node:worker_threads")
  try {
    return node === undefined ? inBrowser(events, found) : inNode(node, events, found)
  } catch (error) {
    queueMicrotask(() => events.onDeath(error instanceof Error ? error.message : String(error)))
    return { post: () => undefined, hold: () => undefined, terminate: () => Promise.resolve() }
  }
}

const inNode = (node: typeof import("node:worker_threads"), events: ThreadEvents, found: Script): Thread => {
  const worker = "text" in found ? new node.Worker(found.text, { eval: true }) : new node.Worker(new URL(found.url))
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

const inBrowser = (events: ThreadEvents, found: Script): Thread => {
  const worker = "text" in found ? new Worker(blobOf(found.text)) : new Worker(found.url, { type: "module" })
  worker.addEventListener("message", (event: MessageEvent<FromWorker>) => events.onMessage(event.data))
  worker.addEventListener("error", (event) => events.onDeath(reasonOf(event, found)))
  return {
    post: (message) => worker.postMessage(message, []),
    hold: () => undefined,
    terminate: async () => worker.terminate()
  }
}

/** One address for all workers of the page. */
let blob: string | null = null
const blobOf = (text: string): string => (blob ??= URL.createObjectURL(new Blob([text], { type: "text/javascript" })))

/** What a browser says of a worker that died: of a script that it could not load it says nothing. */
export const reasonOf = (event: Event, found: Script): string => {
  const { message, filename, lineno } = event as Partial<ErrorEvent>
  if (message) return filename ? `${message} (${filename}:${lineno})` : message
  return "text" in found
    ? "the browser did not start it; where the page's content security policy forbids workers from blob: addresses, give workerUrl"
    : `its script ${found.url} could not be loaded or is no script; give workerUrl where it is`
}
