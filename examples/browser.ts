/** A page in which a latent reasoner is trained: builds it and serves it. */
import type { AddressInfo } from "node:net"
import { build, dist } from "./browser/build.ts"
import { pageServer } from "./browser/serve.ts"

await build()
const server = pageServer()
server.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () =>
  console.log(`${dist} is served at http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
)
