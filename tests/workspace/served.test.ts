/** Servers of pages outlive whatever they are asked. */
import fc from "fast-check"
import { once } from "node:events"
import { request, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { expect, test } from "vitest"
import { pageServer as ofPlayground } from "../../apps/playground/serve.ts"
import { pageServer as ofExample } from "../../examples/browser/serve.ts"

const answerTo = async (server: Server, path: string): Promise<number | undefined> => {
  const asked = request({ port: (server.address() as AddressInfo).port, path, agent: false }).end()
  const [response] = (await once(asked, "response")) as [{ statusCode?: number; resume: () => void }]
  response.resume()
  return response.statusCode
}

const piece = fc.constantFrom("/", "//", "..", "%2e%2e", "%", "?", "#", ":", "[", "\\", "index.html", "nowhere")

test.each([
  ["the example", ofExample],
  ["the playground", ofPlayground]
])("%s: any path has an answer, and nothing outside its folder is given", async (_, serverOf) => {
  const server = serverOf()
  await once(server.listen(0, "127.0.0.1"), "listening")
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 5 }), async (pieces) => {
        expect([200, 404]).toContain(await answerTo(server, `/${pieces.join("")}`))
      }),
      { numRuns: 60, examples: [[["/"]], [["//", ":"]]] }
    )
    expect(await answerTo(server, "/../package.json")).toBe(404)
    expect(await answerTo(server, "/../../package.json")).toBe(404)
  } finally {
    server.close()
  }
})
