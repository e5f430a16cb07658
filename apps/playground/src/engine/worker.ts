/** The worker of the page: a device, an engine on it, and one request after the other. */
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Scope from "effect/Scope"
import { engine } from "./engine.ts"
import type { Kind, ModelName, Reply, Request, Requests } from "./protocol.ts"
import { Refusal } from "./refusal.ts"

const reply = (message: Reply): void => globalThis.postMessage(message)

/** More threads than these gain nothing at models of this size. */
const mostThreads = 2

const fetchBytes = (url: URL) =>
  Effect.tryPromise({
    try: async () => {
      const response = await fetch(url)
      if (!response.ok) throw new Error(`the server says ${response.status}`)
      return new Uint8Array(await response.arrayBuffer())
    },
    catch: (error) =>
      new Refusal(
        `The model's file ${url.pathname.split("/").slice(-2).join("/")} did not load: ${error instanceof Error ? error.message : String(error)}. Check the connection and press “try again”.`
      )
  })

const filesOf = (model: ModelName) => {
  const of = (name: string) => fetchBytes(new URL(`models/${model}/${name}`, import.meta.url))
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
  return Effect.map(
    Effect.all([of("config.json"), of("tokenizer.json"), of("model.safetensors")], { concurrency: "unbounded" }),
    ([config, tokenizer, weights]) => ({ config: text(config), tokenizer: text(tokenizer), weights })
  )
}

const runtime = ManagedRuntime.make(
  Wasm.layer({
    threads: Math.max(1, Math.min(mostThreads, navigator.hardwareConcurrency)),
    workerUrl: new URL("threads.js", import.meta.url)
  })
)
/** The engine; the scope of everything in it is the worker's life. */
const begin = async () => {
  if (typeof WebAssembly === "undefined")
    throw new Refusal(
      "This browser has no WebAssembly, or it is switched off, as some privacy modes do. The models need it: open the page in another mode or browser."
    )
  return await runtime.runPromise(Effect.provideService(engine(filesOf), Scope.Scope, runtime.scope))
}
const made = begin()
// Each request says why there is none.
made.catch(() => {})

const answer = async <K extends Kind>(kind: K, given: Requests[K]["given"]): Promise<Requests[K]["found"]> =>
  runtime.runPromise((await made)[kind](given))

let last: Promise<void> = Promise.resolve()
addEventListener("message", ({ data: { given, id, kind } }: MessageEvent<Request>) => {
  // One after the other: programs share their memory.
  last = last.then(() =>
    answer(kind, given).then(
      (found) => reply({ id, kind: "found", found }),
      (error: unknown) => reply({ id, kind: "refused", reason: error instanceof Error ? error.message : String(error) })
    )
  )
})
