import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const main = fileURLToPath(new URL("../../../packages/atp/src/cli/main.ts", import.meta.url))

interface Ended {
  readonly code: number | null
  readonly text: string
}

/** Runs the command line; `endWhen` is asked often, and the process gets the signal when it says so. */
const noema = (
  args: ReadonlyArray<string>,
  endWhen?: () => boolean,
  signal: NodeJS.Signals = "SIGKILL"
): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ["--conditions=@noema/source", main, ...args])
    let text = ""
    child.stdout.on("data", (part) => (text += part))
    child.stderr.on("data", (part) => (text += part))
    const watch = setInterval(() => endWhen?.() === true && child.kill(signal), 20)
    child.on("close", (code) => {
      clearInterval(watch)
      resolve({ code, text })
    })
  })

const folder = () => mkdtempSync(join(tmpdir(), "noema-cli-"))
const tiny = [
  "model.width=8",
  "model.layers=1",
  "model.heads=2",
  "model.kvHeads=1",
  "model.hidden=8",
  "arithmetic.steps=1",
  "supervised.problems=50",
  "supervised.batch=8",
  "supervised.warmStart=250",
  "supervised.perStage=1",
  "supervised.final=1",
  "evaluate=4"
].flatMap((option) => ["--set", option])

const lines = (out: string): number => {
  const file = join(out, "metrics.jsonl")
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0
}

test("a run killed by SIGKILL goes on where it was and ends with the bits of one that was not", async () => {
  const [whole, killed] = [folder(), folder()]
  const args = (out: string) => ["train", "no-cot", "--threads", "1", "--out", out, ...tiny]
  expect((await noema(args(whole))).code).toBe(0)
  // Between the checkpoints at 100 and 200 updates.
  const at = 120 + Math.floor(Math.random() * 60)
  expect((await noema(args(killed), () => lines(killed) >= at)).code).toBeNull()
  const again = await noema(args(killed))
  expect(again.code).toBe(0)
  expect(lines(killed)).toBe(lines(whole))
  for (const file of ["warm-start.safetensors", "no-cot.safetensors"])
    expect(readFileSync(join(killed, file)).equals(readFileSync(join(whole, file)))).toBe(true)

  const evaluated = await noema(["eval", "no-cot", "--out", whole, "--threads", "1"])
  expect(evaluated.text).toMatch(/id: \d+\.\d % of \d+, 2\.0 tokens|id: \d+\.\d % of \d+/)
  const asked = await noema(["inspect", "no-cot", "--out", whole, "--threads", "1"])
  expect(asked.text).toContain("question")
  expect(asked.text).toContain("answer")
}, 120_000)

test("Ctrl-C writes a checkpoint before it ends", async () => {
  const out = folder()
  const args = ["train", "no-cot", "--threads", "1", "--out", out, ...tiny]
  const interrupted = await noema(args, () => lines(out) >= 30, "SIGINT")
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

test("what cannot be done is said in one sentence, with exit code 1", async () => {
  const data = join(folder(), "data.jsonl")
  writeFileSync(data, '{"question": "q", "answer": "<<1+1=2>> #### 2"}\n{"question": "q"}\n')
  const empty = join(folder(), "empty.txt")
  writeFileSync(empty, "\n")
  const cases: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
    [["data", "--data", data], `${data}, line 2: expected an object {"question": text, "answer": text}`],
    [["data", "--data", empty], "holds no problems"],
    [["data", "--set", "model.depth=3"], "there is no option model.depth; model has width, layers"],
    [["data", "--set", "model.width=62"], "model.width 62 must divide into 4 heads"],
    [["data", "--set", "evaluate=none"], "evaluate"],
    [["eval", "--out", "/nonexistent"], "/nonexistent holds no run"]
  ]
  const ended = await Promise.all(cases.map(([args]) => noema(args)))
  ended.forEach(({ code, text }, i) => {
    expect(text).toContain(cases[i]![1])
    expect(text).not.toContain("    at ")
    expect(code).toBe(1)
  })
}, 60_000)

test("help names every command", async () => {
  const { code, text } = await noema(["--help"])
  expect(code).toBe(0)
  for (const name of ["train", "rl", "eval", "inspect", "sample", "data", "devices", "demo"])
    expect(text).toContain(name)
})
