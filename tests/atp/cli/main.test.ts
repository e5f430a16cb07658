import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, expect, test } from "vitest"
import { here } from "./here.ts"
import { folder, noema, oneThread, tiny } from "./noema.ts"

const lines = (out: string): number => {
  const file = join(out, "metrics.jsonl")
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0
}

const train = (out: string) => ["train", "no-cot", ...oneThread, "--out", out, ...tiny]
const whole = folder()
beforeAll(async () => expect((await noema(train(whole))).code).toBe(0), 60_000)

/** What a run leaves for others is that of the run that was neither killed nor interrupted. */
const isWhole = (out: string) => {
  for (const file of ["warm-start.safetensors", "no-cot.safetensors", "metrics.jsonl", "vocabulary.json"])
    expect(readFileSync(join(out, file)).equals(readFileSync(join(whole, file)))).toBe(true)
  expect(readdirSync(out).toSorted()).toEqual(readdirSync(whole).toSorted())
}

test("a run killed by SIGKILL goes on where it was and ends with the bits of one that was not", async () => {
  const killed = folder()
  // Between the checkpoints at 100 and 200 updates.
  const at = 120 + Math.floor(Math.random() * 60)
  expect((await noema(train(killed), { endWhen: () => lines(killed) >= at })).code).toBeNull()
  expect((await here(["train", "no-cot", ...oneThread, "--out", killed, "--resume"])).code).toBe(0)
  isWhole(killed)
}, 60_000)

test("killed again and again, whatever it was writing, a run comes to the same end", async () => {
  const out = folder()
  const inMidst = (random: number) => () =>
    lines(out) > 0 && (readdirSync(out).some((name) => name.endsWith(".partial")) || Math.random() < random)
  for (let kills = 0; kills < 3; kills++) await noema(train(out), { endWhen: inMidst(0.05) })
  expect((await here(train(out))).code).toBe(0)
  isWhole(out)
}, 60_000)

test("a run is evaluated, inspected, sampled, exported and asked", async () => {
  const evaluated = await noema(["eval", "no-cot", "--out", whole, ...oneThread])
  expect(evaluated.text).toMatch(
    /id: \d+\.\d % of \d+ right \(95 % interval \d+\.\d to \d+\.\d; a guess \d+\.\d\)\n {2}\d+\.\d tokens\n/
  )
  const voted = await here(["eval", "no-cot", "--out", whole, "--search", "vote-3", ...oneThread])
  expect(voted.text).toMatch(
    /id: \d+\.\d % of \d+ right \(95 % interval.*\n {2}vote-3\n {2}one of 3 right: \d+\.\d %\n {2}\d+\.\d tokens\n/
  )
  const judged = ["--search", "best-of-2", "--by", "likelihood"]
  const searched = await here(["sample", "no-cot", "--out", whole, "--question", "1 + 2", ...judged, ...oneThread])
  expect(searched.text.match(/score {5}[01]\.\d{4}/g)).toHaveLength(2)
  expect(searched.text).toMatch(/\nbest-of-2 by likelihood: .+\n$/)
  const silent = await here([
    "eval",
    "no-cot",
    "--out",
    whole,
    "--search",
    "best-of-2",
    "--by",
    "coherence",
    ...oneThread
  ])
  expect(silent.complaint).toContain(
    "No-CoT says no steps that could be coherent; expected another --by, found coherence"
  )
  const other = (by: string) =>
    here(["eval", "no-cot", "--out", whole, "--search", "best-of-2", "--by", by, ...oneThread])
  expect((await other("no-cot")).complaint).toMatch(
    /^expected coherence, likelihood or a reward model of the run to judge by, found its stage no-cot, which is a model of No-CoT$/m
  )
  expect((await other("nobody")).complaint).toMatch(/ has no checkpoint of "nobody"; there is no-cot, warm-start$/m)
  const asked = await here(["inspect", "no-cot", "--out", whole, ...oneThread])
  expect(asked.text).toContain("question")
  const sampled = await here(["sample", "no-cot", "--out", whole, "--count", "2", "--question", "1 + 2", ...oneThread])
  expect(sampled.text.match(/question {2}1 \+ 2/g)).toHaveLength(2)
  const exported = join(folder(), "exported")
  expect((await here(["export", "no-cot", "--out", whole, "--to", exported, ...oneThread])).code).toBe(0)
  const question = /question\s+(.*)/.exec(asked.text)![1]!
  const elsewhere = await noema(["ask", exported, question, ...oneThread])
  expect(/answer\s+(\S+)/.exec(elsewhere.text)![1]).toBe(/answer\s+(\S+)/.exec(asked.text)![1])
  expect(asked.text).toContain("answer")
  // A run's folder is asked as an exported model is.
  const fromRun = await here(["ask", whole, question, ...oneThread])
  expect(fromRun.text).toContain("this is its stage no-cot")
  expect(/answer\s+(\S+)/.exec(fromRun.text)![1]).toBe(/answer\s+(\S+)/.exec(asked.text)![1])
}, 120_000)

test.each([
  ["Ctrl-C", "SIGINT", 130],
  ["a request to end", "SIGTERM", 143]
] as const)(
  "%s writes a checkpoint, says so, and how to go on",
  async (_, signal, code) => {
    const out = folder()
    const interrupted = await noema(train(out), { endWhen: () => lines(out) >= 30, signal })
    expect(interrupted.code).toBe(code)
    const made = lines(out)
    expect(interrupted.complaint.trimEnd().split("\n").slice(-2)).toEqual([
      `warm-start is saved at update ${made} of 250`,
      `go on with: noema train no-cot --resume --out ${out}`
    ])
    expect(made).toBeLessThan(100)
    const bytes = readFileSync(join(out, "warm-start.safetensors"))
    const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString()) as {
      readonly __metadata__: { readonly updates: string }
    }
    // Every update that was made is reported, so that a run that goes on has the metrics of one that was not interrupted.
    expect(Number(header.__metadata__.updates)).toBe(made)
    expect(readdirSync(out).filter((name) => name === "lock" || name.endsWith(".partial"))).toEqual([])
    expect((await here(train(out))).code).toBe(0)
    isWhole(out)
  },
  60_000
)

test("a run whose numbers are no longer finite goes on as a branch with other options", async () => {
  const [home, out] = [folder(), "--out"]
  const [wild, tame] = [join(home, "wild"), join(home, "tame")]
  const goOn = (to: string) => ["train", "no-cot", ...oneThread, "--resume", out, to]
  // Weights that decay by more than themselves grow.
  const wilder = ["--set", "supervised.learningRate=1e6", "--set", "supervised.weightDecay=1e6"]
  const first = await here(["branch", whole, out, wild, "--stage", "warm-start", "--at", "200", ...wilder])
  expect(first.text).toContain(
    "goes on from update 200 of warm-start with another supervised.learningRate, supervised.weightDecay"
  )
  const failed = await noema(goOn(wild))
  expect(failed.code).toBe(1)
  expect(failed.complaint.trimEnd().split("\n").at(-1)).toContain(
    `; it would end so again, but goes on with other options from update 200 of warm-start: noema branch ${wild} --out ${wild}-2 --set PATH=VALUE`
  )
  const tamer = ["--set", "supervised.learningRate=0.001", "--set", "supervised.weightDecay=0"]
  expect((await here(["branch", wild, out, tame, ...tamer])).code).toBe(0)
  expect((await here(goOn(tame))).code).toBe(0)
  const metricsOf = (of: string) => readFileSync(join(of, "metrics.jsonl"), "utf8").split("\n")
  expect(metricsOf(tame).slice(0, 200)).toEqual(metricsOf(whole).slice(0, 200))
  expect(metricsOf(tame)[220]).not.toEqual(metricsOf(whole)[220])
  expect(metricsOf(tame)).toHaveLength(metricsOf(whole).length)
}, 60_000)

test("the version is that of the package", async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../../packages/atp/package.json"), "utf8"))
  expect((await noema(["--version"])).text).toContain(version)
})

test("devices are listed, and what drivers say is not", async () => {
  const { complaint, text } = await noema(["devices"])
  expect(complaint).toBe("")
  expect(text).toMatch(/^wasm: .*\n.*webgpu.*\nreference: .*\n$/)
})

test("the help of a command that trains names methods, and every option of the config with its default", async () => {
  const { text } = await here(["train", "--help"])
  for (const said of [
    "no-cot, icot",
    "supervised.batch=64",
    "model.width=64",
    "model.steps=...",
    "seed=0",
    "(default: runs/default)"
  ])
    expect(text).toContain(said)
})

test("methods are printed as a table, and one of one's own whole", async () => {
  const { code, text } = await noema(["methods"])
  expect(code).toBe(0)
  expect(text).toMatch(/^atp-latent +LLaMA +gaussian +learned/m)
  const own = await here(["methods", join(import.meta.dirname, "own.method.ts")])
  expect(own.text).toMatch(/^source +none\nbackbone +LLaMA$/m)
  const nobody = await here(["methods", "nobody"])
  expect(nobody.code).toBe(1)
  expect(nobody.complaint).toMatch(/^expected a method of cot, .* found nobody$/m)
}, 60_000)

test.each(["bash", "zsh", "fish"])("what %s needs to complete commands is printed", async (shell) => {
  const { code, text } = await here(["--completions", shell])
  expect(code).toBe(0)
  for (const command of ["train", "eval", "compare", "learn"]) expect(text).toContain(command)
})

test("help names every command", async () => {
  const { code, text } = await noema(["--help"])
  expect(code).toBe(0)
  for (const name of [
    "train",
    "rl",
    "rank",
    "eval",
    "inspect",
    "sample",
    "export",
    "ask",
    "data",
    "methods",
    "devices",
    "demo",
    "verify",
    "branch"
  ])
    expect(text).toContain(name)
})

test("the signal of a round is printed without reinforcing anything, and for a method without one there is a sentence", async () => {
  const out = folder()
  const few = ["questions=4", "minibatch=8"].flatMap((each) => ["--set", `reinforcement.${each}`])
  const rl = (method: string, to: string) =>
    here(["rl", method, "--signal", ...oneThread, "--out", to, ...tiny, ...few])
  const { code, text } = await rl("atp-latent", out)
  expect(code).toBe(0)
  const table = text.slice(text.indexOf("gradient of one round")).trimEnd().split("\n")
  expect(table.map((line) => line.slice(0, 32).trimEnd())).toEqual(
    expect.arrayContaining(["score function, latents alone", "reparameterised, with words", "random reward"])
  )
  expect(table.every((line) => line.length <= 80)).toBe(true)
  expect(readdirSync(out).some((name) => name.startsWith("atp-latent-rl"))).toBe(false)
  const refused = await rl("no-cot", folder())
  expect(refused.code).toBe(1)
  expect(refused.complaint).toContain(
    "expected a method with a policy-gradient term to measure its signal, found No-CoT"
  )
}, 60_000)
