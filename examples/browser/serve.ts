/** Serves the built page, isolated from other origins, which is what threads over one shared memory ask for. */
import { existsSync, readFileSync, statSync } from "node:fs"
import { createServer, type Server } from "node:http"
import { extname, join, normalize } from "node:path"
import { dist } from "./build.ts"

const types: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript" }

export const pageServer = (): Server =>
  createServer((request, response) => {
    const pathname = (request.url ?? "/").replace(/[?#].*$/, "")
    const file = join(dist, normalize(pathname === "/" ? "index.html" : pathname))
    if (!file.startsWith(dist) || !existsSync(file) || !statSync(file).isFile())
      return void response.writeHead(404).end()
    response
      .writeHead(200, {
        "Content-Type": types[extname(file)] ?? "application/octet-stream",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp"
      })
      .end(readFileSync(file))
  })
