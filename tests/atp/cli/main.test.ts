import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { folder, noema, oneThread, tiny } from "./noema.ts"

const lines = (out: string): number => {
  const file = join(out, "metrics.jsonl")
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0
}

test("a run killed by SIGKILL goes on where it was and ends with the bits of one that was not", async () => {
  const [whole, killed] = [folder(), folder()]
  const args = (out: string) => ["train", "no-cot", ...oneThread, "--out", out, ...tiny]
  expect((await noema(args(whole))).code).toBe(0)
  // Between the checkpoints at 100 and 200 updates.
  const at = 120 + Math.floor(Math.random() * 60)
  expect((await noema(args(killed), { endWhen: () => lines(killed) >= at })).code).toBeNull()
  const again = await noema(args(killed))
  expect(again.code).toBe(0)
  expect(lines(killed)).toBe(lines(whole))
  for (const file of ["warm-start.safetensors", "no-cot.safetensors"])
    expect(readFileSync(join(killed, file)).equals(readFileSync(join(whole, file)))).toBe(true)

  const evaluated = await noema(["eval", "no-cot", "--out", whole, ...oneThread])
  expect(evaluated.text).toMatch(/id: \d+\.\d % of \d+, 2\.0 tokens|id: \d+\.\d % of \d+/)
  const voted = await noema(["eval", "no-cot", "--out", whole, "--search", "vote", "--attempts", "3", ...oneThread])
  expect(voted.text).toMatch(/id: \d+\.\d % of \d+, by vote of 3 attempts/)
  const asked = await noema(["inspect", "no-cot", "--out", whole, ...oneThread])
  expect(asked.text).toContain("question")
  const exported = join(whole, "exported")
  expect((await noema(["export", "no-cot", "--out", whole, "--to", exported, ...oneThread])).code).toBe(0)
  const question = /question\s+(.*)/.exec(asked.text)![1]!
  const elsewhere = await noema(["ask", exported, question, ...oneThread])
  expect(/answer\s+(\S+)/.exec(elsewhere.text)![1]).toBe(/answer\s+(\S+)/.exec(asked.text)![1])
  expect(asked.text).toContain("answer")
}, 120_000)

test("Ctrl-C writes a checkpoint before it ends", async () => {
  const out = folder()
  const args = ["train", "no-cot", ...oneThread, "--out", out, ...tiny]
  const interrupted = await noema(args, { endWhen: () => lines(out) >= 30, signal: "SIGINT" })
  expect(interrupted.code).not.toBe(0)
  const made = lines(out)
  expect(made).toBeLessThan(100)
  const bytes = readFileSync(join(out, "warm-start.safetensors"))
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString()) as {
    readonly __metadata__: { readonly updates: string }
  }
  // The last update may have been made and not yet reported.
  expect(Number(header.__metadata__.updates) - made).toBeGreaterThanOrEqual(0)
  expect(Number(header.__metadata__.updates) - made).toBeLessThanOrEqual(1)
}, 60_000)

test("help names every command", async () => {
  const { code, text } = await noema(["--help"])
  expect(code).toBe(0)
  for (const name of ["train", "rl", "eval", "inspect", "sample", "export", "ask", "data", "devices", "demo"])
    expect(text).toContain(name)
})
