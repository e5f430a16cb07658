/** The worker of the page: the device that it is called by, an engine on it, and one request after the other. */
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Scope from "effect/Scope"
import { engine } from "./engine.ts"
import type { FolderName, Kind, Reply, Request, Requests } from "./protocol.ts"
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
        `The model's file ${url.pathname.split("/").slice(-2).join("/")} did not load: ${error instanceof Error ? error.message : String(error)}. Check the connection and try again.`
      )
  })

const filesOf = (model: FolderName) => {
  const of = (name: string) => fetchBytes(new URL(`models/${model}/${name}`, import.meta.url))
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
  return Effect.map(
    Effect.all([of("config.json"), of("tokenizer.json"), of("model.safetensors")], { concurrency: "unbounded" }),
    ([config, tokenizer, weights]) => ({ config: text(config), tokenizer: text(tokenizer), weights })
  )
}

/** Its name, and not its address: what is loaded later imports the very script that runs. */
const isWebGpu = self.name === "webgpu"
const runtime = ManagedRuntime.make(
  isWebGpu
    ? Layer.unwrap(
        Effect.map(
          Effect.promise(() => import("./webgpu.ts")),
          ({ webgpu }) => webgpu
        )
      )
    : Wasm.layer({
        threads: Math.max(1, Math.min(mostThreads, navigator.hardwareConcurrency)),
        workerUrl: new URL("threads.js", import.meta.url)
      })
)
/** The engine; the scope of everything in it is the worker's life. */
const begin = async () => {
  if (!isWebGpu && typeof WebAssembly === "undefined")
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

/** Whether it is the device that failed. */
const isOfDevice = (error: unknown): boolean =>
  error instanceof Error &&
  "_tag" in error &&
  ["DeviceFailure", "DeviceUnavailable", "OutOfMemory"].some((tag) => tag === error._tag)

let last: Promise<void> = Promise.resolve()
addEventListener("message", ({ data: { given, id, kind } }: MessageEvent<Request>) => {
  // One after the other: programs share their memory.
  last = last.then(() =>
    answer(kind, given).then(
      (found) => reply({ id, kind: "found", found }),
      (error: unknown) =>
        reply({
          id,
          kind: "refused",
          reason: error instanceof Error ? error.message : String(error),
          isDevice: isOfDevice(error)
        })
    )
  )
})
