/** A worker that dies of its first program while `NOEMA_TEST_WORKER` says so, else the real one. */
import { parentPort } from "node:worker_threads"
import type { ToWorker } from "../../../packages/tensor/src/device/wasm/messages.ts"

/** Programs whose second kernel is given an address beyond the memory. */
const misled = (message: ToWorker): ToWorker => {
  if (message.kind !== "load") return message
  const astray = (args: ReadonlyArray<unknown>) => args.map(() => ({ in: "heap" as const, address: 0xffff_fff0 }))
  const calls = message.program.calls.map((call, i) => (i === 1 ? { ...call, args: astray(call.args) } : call))
  return { ...message, program: { ...message.program, calls } }
}

const order = process.env["NOEMA_TEST_WORKER"]
if (order === "trap") {
  const listen = parentPort!.on.bind(parentPort!)
  parentPort!.on = ((event: "message", handle: (message: ToWorker) => void) =>
    listen(event, (message: ToWorker) => handle(misled(message)))) as typeof listen
}
if (order === undefined || order === "trap") await import("../../../packages/tensor/src/device/wasm/worker.ts")
else
  parentPort!.on("message", (message: { readonly kind: string }) => {
    if (message.kind !== "load") return
    if (order === "exit") process.exit(7)
    throw new Error("out of luck")
  })
