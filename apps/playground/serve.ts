/** Serves the built page as a host should: compressed, and isolated from other origins unless told. */
import { existsSync, readFileSync, statSync } from "node:fs"
import { createServer, type Server } from "node:http"
import { extname, join, normalize } from "node:path"
import { gzipSync } from "node:zlib"
import { dist } from "./build.ts"

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json"
}

/** Headers that let threads share memory. */
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp"
}

/** A server of the page. */
export const pageServer = ({ isolated = true }: { readonly isolated?: boolean } = {}): Server =>
  createServer((request, response) => {
    const pathname = (request.url ?? "/").replace(/[?#].*$/, "")
    const file = join(dist, normalize(pathname.endsWith("/") ? `${pathname}index.html` : pathname))
    if (!file.startsWith(dist) || !existsSync(file) || !statSync(file).isFile())
      return void response.writeHead(404).end()
    response
      .writeHead(200, {
        "Content-Type": types[extname(file)] ?? "application/octet-stream",
        "Content-Encoding": "gzip",
        "Cache-Control": "no-cache",
        ...(isolated ? isolation : {})
      })
      .end(gzipSync(readFileSync(file)))
  })
