/** `npm run playground`: builds the page and serves it on this machine. */
import { build } from "./build.ts"
import { pageServer } from "./serve.ts"

const port = Number(process.argv[2] ?? 5173)
await build()
const server = pageServer()
server.once("error", (error: NodeJS.ErrnoException) => {
  console.error(
    error.code === "EADDRINUSE"
      ? `port ${port} is taken; name another: npm run playground -- 8080`
      : `the page cannot be served: ${error.message}`
  )
  process.exitCode = 1
})
server.listen(port, "127.0.0.1", () => console.log(`http://localhost:${port}/`))
