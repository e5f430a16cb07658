import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, it } from "vitest"

const folder = fileURLToPath(new URL("../..", import.meta.url))

it("the example of the policy gradient finds the point it is never shown", { timeout: 60_000 }, async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@noema/source", "scripts/example.mjs", "policy-gradient"],
    { cwd: folder }
  )
  expect(stdout).toContain("found 2.0, -1.0")
})
