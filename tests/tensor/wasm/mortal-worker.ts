/** A worker that dies of its first program while `NOEMA_TEST_WORKER` says so, else the real one. */
import { parentPort } from "node:worker_threads"

const order = process.env["NOEMA_TEST_WORKER"]
if (order === undefined) await import("../../../packages/tensor/src/device/wasm/worker.ts")
else
  parentPort!.on("message", (message: { readonly kind: string }) => {
    if (message.kind !== "load") return
    if (order === "exit") process.exit(7)
    throw new Error("out of luck")
  })
