/** Serves built pages as a host should: compressed, and isolated from other origins unless told. */
import { existsSync, readFileSync, statSync } from "node:fs"
import { createServer, type Server } from "node:http"
import { extname, join, normalize } from "node:path"
import { gzipSync } from "node:zlib"
import { dist } from "./build.ts"

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png"
}

/** Headers that let threads share memory. */
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp"
}

/** A server of the pages in a folder, by default the playground's. */
export const pageServer = ({
  folder = dist,
  isolated = true
}: { readonly folder?: string; readonly isolated?: boolean } = {}): Server =>
  createServer((request, response) => {
    const pathname = (request.url ?? "/").replace(/[?#].*$/, "")
    const file = join(folder, normalize(pathname.endsWith("/") ? `${pathname}index.html` : pathname))
    if (!file.startsWith(folder) || !existsSync(file) || !statSync(file).isFile())
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
