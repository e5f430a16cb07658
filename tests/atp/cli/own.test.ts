/** Methods and pipelines of one's own on the command line, under their own names. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { here } from "./here.ts"
import { folder, noema, oneThread, tiny } from "./noema.ts"

const moduleOf = (name: string) => fileURLToPath(new URL(`./${name}.ts`, import.meta.url))
const method = moduleOf("own.method")
const pipeline = moduleOf("own.pipeline")
const answerIn = (text: string) => /answer\s+(\S+)/.exec(text)![1]

test("a method of one's own is trained, evaluated, exported and asked", async () => {
  const out = folder()
  const trained = await noema(["train", method, "--out", out, ...oneThread, ...tiny])
  expect(trained.code).toBe(0)
  expect(trained.text).toContain("mine-which-stops")
  expect(readFileSync(join(out, "metrics.jsonl"), "utf8")).toContain('"method":"Mine, which stops"')
  expect(readFileSync(join(out, "report.html"), "utf8")).toContain("mine-which-stops")
  const again = await here(["train", method, "--resume", "--out", out, ...oneThread])
  expect(again.code).toBe(0)
  const evaluated = await here(["eval", "mine-which-stops", "--out", out, ...oneThread])
  expect(evaluated.text).toMatch(/id: \d+\.\d % of \d+ right/)
  const asked = await here(["ask", out, "1 + 2", ...oneThread])
  expect(asked.text).toContain("this is its stage mine-which-stops")
  const exported = join(folder(), "exported")
  expect((await here(["export", "mine-which-stops", "--out", out, "--to", exported, ...oneThread])).code).toBe(0)
  const unknown = await noema(["ask", exported, "1 + 2", ...oneThread])
  expect(unknown.code).toBe(1)
  expect(unknown.complaint).toContain('found "mine-which-stops"; name the module of a method of your own with --module')
  const elsewhere = await here(["ask", exported, "1 + 2", "--module", method, ...oneThread])
  expect(answerIn(elsewhere.text)).toBe(answerIn(asked.text))
}, 120_000)

test("a pipeline of one's own runs with all that it says, and is looked at by its module", async () => {
  const out = folder()
  const trained = await here(["train", pipeline, "--out", out, ...oneThread])
  expect(trained.code).toBe(0)
  expect(trained.text).toContain("mine-which-stops")
  // What latents are is said in words, of a data set whose steps say nothing of themselves as well.
  expect(trained.text).toMatch(/mine-which-stops, held out: .*latents/)
  expect(trained.text).toMatch(/mine-which-stops, \d+ questions: pass@1 \d/)
  expect(readFileSync(join(out, "report.html"), "utf8")).toContain(
    "this kind of problem does not say what another result of a step leads to"
  )
  const stages = new Set(
    readFileSync(join(out, "metrics.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { readonly stage: string }).stage)
  )
  expect([...stages]).toEqual(["warm-start", "mine-which-stops", "atp-latent", "atp-latent-rl"])
  expect(readFileSync(join(out, "report.html"), "utf8")).toContain("atp-latent-rl: brief")
  for (const stage of ["mine-which-stops", "atp-latent-rl"])
    expect((await here(["eval", stage, "--out", out, ...oneThread])).text).toMatch(/held out: \d+\.\d % of \d+ right/)
  expect((await here(["ask", out, "what does animal 1 say", ...oneThread])).text).toContain("answer")
}, 120_000)

test("what is no method and no pipeline is refused in a sentence", async () => {
  const out = folder()
  const written = (name: string, text: string) => {
    const file = join(folder(), name)
    writeFileSync(file, text)
    return file
  }
  for (const [word, ...sentences] of [
    ["atp", "expected a method of cot, ", "or a module that ends in .ts or .js, found atp"],
    ["./not-there.ts", "./not-there.ts cannot be imported: "],
    [written("empty.ts", "export const a = 1, b = 2"), "to export one method or one pipeline", "found a, b"],
    [written("wrong.ts", "throw new Error('sorry')"), "cannot be imported: sorry"]
  ] as const) {
    // What is not there is said of by whoever imports it, who in a process is Node.
    const run = word === "./not-there.ts" ? noema : here
    const { code, complaint } = await run(["train", word, "--out", out, ...oneThread])
    expect(code).toBe(1)
    for (const sentence of sentences) expect(complaint).toContain(sentence)
    expect(complaint).not.toMatch(/\n\s+at /)
  }
  const given = await here(["train", pipeline, "--out", out, "--seed", "3", ...oneThread])
  expect(given.complaint).toContain("says its options itself; leave out --seed")
}, 120_000)
