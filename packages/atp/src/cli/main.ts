/** The command as a process: it begins, is interrupted, and ends with a status. */
import * as NodeRuntime from "@effect/platform-node-shared/NodeRuntime"
import * as Runtime from "effect/Runtime"
import { noema } from "./noema.ts"

/** What a process ends with that was asked to end. */
const codes = { SIGINT: 130, SIGTERM: 143 } as const
let code: number = codes.SIGINT
// Listened to until the end: who asks twice does not cut short what the first time has begun.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => (code = codes[signal]))

NodeRuntime.runMain(noema(process.argv.slice(2)), {
  teardown: (exit, end) => Runtime.defaultTeardown(exit, (ended) => end(ended === codes.SIGINT ? code : ended))
})
