/** In the page: the mode asked for in the address, its outcome posted back to the server. */
import type { Mode } from "@noema/tensor/gpujs"
import { runSuite } from "./suite.ts"

const mode = new URL(location.href).searchParams.get("mode") as Mode

const report = (body: unknown): Promise<Response> => fetch("/outcome", { method: "POST", body: JSON.stringify(body) })

try {
  await report(await runSuite(mode))
} catch (error) {
  await report({
    mode,
    on: "the page",
    ran: true,
    passed: 0,
    failures: [error instanceof Error ? (error.stack ?? error.message) : String(error)]
  })
}
