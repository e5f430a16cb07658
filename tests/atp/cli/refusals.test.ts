/**
 * What cannot be done is said by the command in one sentence, with exit code 1, and nothing is lost: of every kind once by
 * the process that a user starts, and the rest by the same command within this one.
 */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as Effect from "effect/Effect"
import { cpSync, existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import { encodeHolder, holderHere } from "../../../packages/atp/src/run/holder.ts"
import { here } from "./here.ts"
import { type Ended, folder, noema, oneThread, tiny } from "./noema.ts"

/** One sentence: the last thing said, on one line, and no trace of where in the code it was said. */
const refused = ({ code, complaint, text }: Ended, expected: string | RegExp) => {
  expect(complaint.trimEnd().split("\n").at(-1)).toMatch(expected)
  expect(text).not.toMatch(/\n\s+at .*\.(ts|js|mjs)/)
  expect(code).toBe(1)
}

const written = (lines: ReadonlyArray<string>, name = "data.jsonl"): string => {
  const file = join(folder(), name)
  writeFileSync(file, lines.map((line) => `${line}\n`).join(""))
  return file
}
const problem = (question: string, answer: string) => JSON.stringify({ question, answer })
const good = problem("q", "<<1+1=2>> #### 2")

describe("data files", () => {
  test("a malformed line: the file, the line, and what was expected", async () => {
    const file = written([good, '{"question": "q"}'])
    refused(
      await here(["data", "--data", file]),
      `${file}, line 2: expected an object {"question": text, "answer": text}`
    )
  })
  test("an answer that is not a number", async () => {
    const file = written([good, problem("q", "<<1+1=2>> #### two")])
    refused(await here(["data", "--data", file]), `${file}, line 2: the answer "two" is not a number`)
  })
  test("a file without problems", async () => {
    const file = written([""])
    refused(await here(["data", "--data", file]), `${file} holds no problems`)
  })
  test("a file that is not there", async () => {
    refused(
      await here(["data", "--data", "/nonexistent"]),
      "/nonexistent cannot be read: ENOENT: no such file or directory"
    )
  })
  test("a folder in place of a file", async () => {
    refused(await here(["data", "--data", folder()]), /cannot be read: expected a regular file, found a folder$/)
  })
  test("chains that are not arithmetic are kept, counted and reported", async () => {
    const file = written([good, good, good, problem("q", "<<one more=2>> #### 2")])
    const { code, text } = await here(["data", "--data", file])
    expect(text).toContain("kept as text: 1 of 4 steps, in 1 chains, that are not arithmetic")
    expect(code).toBe(0)
    const args = ["train", "no-cot", "--data", file, "--out", folder(), ...tiny, ...oneThread]
    const trained = await here([...args, "--set", "supervised.warmStart=1"])
    expect(trained.text).toContain("kept as text: 1 of 4 steps, in 1 chains, that are not arithmetic")
    expect(trained.code).toBe(0)
  })
  test("questions longer than the context are left out and counted; a file of nothing else is refused", async () => {
    const long = problem("word ".repeat(200), "<<1+1=2>> #### 2")
    const args = (file: string, out: string) => ["train", "no-cot", "--data", file, "--out", out, ...tiny, ...oneThread]
    const some = await here([...args(written([good, good, good, long]), folder()), "--set", "supervised.warmStart=1"])
    expect(some.text).toContain("left out: 1 problems longer than 80 symbols")
    expect(some.code).toBe(0)
    const file = written([long, problem("q", "#### 2")])
    refused(
      await here(args(file, folder())),
      `${file} has too few problems: none remains for training; left out: 1 problems longer than 80 symbols, or 20 in a latent group, 1 problems without steps`
    )
  })
})

describe("command lines and configs", () => {
  const untouched = join(folder(), "untouched")
  /** Few problems, for what is refused after they are drawn. */
  const few = ["supervised.problems=50", "evaluate=4"].flatMap((option) => ["--set", option])
  type Case = readonly [name: string, args: ReadonlyArray<string>, expected: string | RegExp]
  const ofEachKind: ReadonlyArray<Case> = [
    ["a malformed line", ["data", "--data", written([good, "{"])], /, line 2: expected an object /],
    [
      "an option that does not exist",
      ["train", "cot", "--depth", "3"],
      /Unrecognized flag: --depth .*noema train --help/
    ],
    ["a command that does not exist", ["trian"], /Unknown subcommand "trian".*Did you mean this\? train/],
    [
      "a config option that does not exist",
      ["data", "--set", "model.depth=3"],
      "there is no option model.depth; model has width, layers"
    ],
    ["a config file that is not JSON", ["data", "--config", written(["{"], "config.json")], /is not JSON/],
    [
      "more threads than a device takes",
      ["train", "cot", "--device", "wasm", "--threads", "100", "--out", folder()],
      /^device wasm is not available: threads: expected a whole number from 1 to 64, found 100$/
    ],
    ["a folder without a run", ["eval", "--out", "/nonexistent", ...oneThread], "/nonexistent holds no run"]
  ]
  const others: ReadonlyArray<Case> = [
    ["a device that does not exist", ["train", "cot", "--device", "abacus"], /abacus/],
    [
      "sizes that do not divide",
      ["data", "--set", "model.width=62"],
      "Expected a width of 4 heads, each even, and heads that 4 kvHeads divide, found a width of 62 at model"
    ],
    [
      "a value out of range",
      ["data", "--set", "supervised.batch=0"],
      /^Expected a value between 1 and 65536 at supervised\.batch, found 0$/
    ],
    [
      "more memory than there is",
      [
        "train",
        "cot",
        "--out",
        untouched,
        ...["width", "hidden"].flatMap((name) => ["--set", `model.${name}=65536`]),
        ...few,
        ...oneThread
      ],
      /^a model of \d+ parameters \(width 65536, 3 layers, 20 symbols\) takes at least \d+ MiB, and the device wasm has 4095 MiB$/
    ],
    [
      "more passes than are traced",
      [
        "train",
        "cot",
        "--out",
        untouched,
        "--set",
        "model.layers=1000",
        "--set",
        "model.perStep=64",
        ...few,
        ...oneThread
      ],
      /^192 latents through 1000 layers are 193000 passes; expected at most 8192$/
    ],
    ["fewer than no problems", ["data", "--count", "-1"], /Invalid value for flag --count: "-1"/],
    [
      "no attempts",
      ["eval", "--search", "vote-0", ...oneThread],
      /^--search: expected 1 to 1024 attempts, found 0 in vote-0$/
    ],
    [
      "a search without a number",
      ["eval", "--search", "vote", ...oneThread],
      /^--search: expected a search of single, vote-N, weighted-vote-N, best-of-N, beam-WxS, found "vote"$/
    ],
    [
      "a search that judges by nothing",
      ["sample", "--search", "best-of-8", ...oneThread],
      /^--search best-of-8 judges its attempts; say what by with --by coherence or --by likelihood or --by STAGE$/
    ],
    [
      "a judge for answers alone",
      ["eval", "--search", "vote-8", "--by", "likelihood", ...oneThread],
      /^--search: vote-8 looks at answers alone; leave out what they would be judged by, likelihood$/
    ],
    [
      "noise without a search",
      ["eval", "--noise", "0.5", ...oneThread],
      /^--noise is of a search; give one with --search$/
    ],
    ["no noise", ["eval", "--search", "vote-8", "--noise", "0"], /Invalid value for flag --noise: "0"/],
    [
      "two ways to draw",
      ["eval", "--search", "vote-8", "--noise", "0.5", "--dropout", "0.1", ...oneThread],
      /^--noise and --dropout are two ways to draw latents; leave one of them out$/
    ],
    [
      "a search of so many attempts",
      ["sample", "--search", "vote-8", "--count", "3", ...oneThread],
      /^--search says how many attempts there are; leave out --count$/
    ],
    [
      "a search of latents at their mean",
      ["eval", "--search", "vote-8", "--latents", "mean", ...oneThread],
      /^--search makes one answer of several drawn attempts; leave out --latents$/
    ],
    [
      "a card of several attempts",
      ["eval", "--search", "vote-8", "--card", ...oneThread],
      /^--search makes one answer of several drawn attempts; leave out --card$/
    ],
    [
      "pass@k of several attempts",
      ["eval", "--search", "vote-8", "--passes", ...oneThread],
      /^--search makes one answer of several drawn attempts; leave out --passes$/
    ],
    [
      "a card of sampled latents",
      ["eval", "--latents", "sampled", "--card", ...oneThread],
      /^--card takes latents at their mean; leave out --latents sampled$/
    ],
    [
      "a folder that is a file",
      ["train", "cot", "--out", written([], "taken"), ...few, ...oneThread],
      /taken was not written: EEXIST: file already exists; /
    ],
    ["a folder without a name", ["train", "cot", "--out", ""], /flag --out. Expected: the name of a folder/],
    ["nothing to resume", ["train", "cot", "--resume", "--out", "/nonexistent", ...oneThread], "holds no run"],
    [
      "options for a run that has its own",
      ["train", "cot", "--resume", "--seed", "3", "--out", folder(), ...oneThread],
      /^--resume goes on with the options of the run; leave out --seed$/
    ]
  ]
  test.each(ofEachKind)("%s, said by a process and within this one alike", async (_, args, expected) => {
    const [process, within] = [await noema(args), await here(args)]
    refused(process, expected)
    refused(within, expected)
    // Before it has loaded what it does, a process says what it begins.
    expect(within.complaint).toBe(process.complaint.replace(/^noema \w+ begins\n/, ""))
  })
  test.each(others)("%s", async (_, args, expected) => {
    refused(await here(args), expected)
    expect(existsSync(untouched)).toBe(false)
  })
})

describe("a run's folder", () => {
  const out = join(folder(), "run")
  const training = (to: string) =>
    ["train", "no-cot", "--out", to, ...tiny, ...oneThread].concat("--set", "supervised.warmStart=20")
  const train = (to: string, ...more: ReadonlyArray<string>) => here([...training(to), ...more])
  const copy = (): string => {
    const to = join(folder(), "copy")
    cpSync(out, to, { recursive: true })
    return to
  }
  const checkpoint = (of: string, stage = "no-cot") => join(of, `${stage}.safetensors`)
  beforeAll(async () => expect((await train(out)).code).toBe(0))

  test("a question longer than the context, and one in other words", async () => {
    const ask = (question: string) => here(["inspect", "no-cot", "--out", out, "--question", question, ...oneThread])
    refused(await ask("1 + ".repeat(20) + "1"), /a question of \d+ symbols does not fit into \d+: "1 \+ 1/)
    refused(await ask("one plus one"), 'the vocabulary has no symbol "one", found in "one plus one"; it has + - ')
  })
  test("a stage that was not trained", async () => {
    refused(
      await here(["eval", "atp-latent", "--out", out, ...oneThread]),
      'has no checkpoint of "atp-latent"; there is no-cot, warm-start'
    )
  })
  test("a card of a method without latents", async () => {
    refused(
      await here(["eval", "no-cot", "--card", "--out", out, ...oneThread]),
      "No-CoT has no latents to be changed; leave out --card"
    )
  })
  test("a folder that another process trains in, which may still be evaluated", async () => {
    const to = copy()
    const lock = encodeHolder(await Effect.runPromise(Effect.provide(holderHere, NodeFileSystem.layer)))
    writeFileSync(join(to, "lock"), lock)
    refused(await noema(training(to)), `${to} is in use by process ${process.pid}`)
    const evaluated = await noema(["eval", "no-cot", "--out", to, ...oneThread])
    expect(evaluated.code).toBe(0)
    expect(readFileSync(join(to, "lock"), "utf8")).toBe(lock)
  })
  test("a config or metrics that no run has written", async () => {
    const to = copy()
    writeFileSync(join(to, "metrics.jsonl"), "{}\n{stage\n")
    refused(await train(to), /metrics\.jsonl is not as a run writes it: /)
    writeFileSync(join(to, "config.json"), '{"seed": ')
    refused(await train(to), /config\.json is not as a run writes it: /)
    refused(await here(["eval", "no-cot", "--out", to, ...oneThread]), /config\.json is not as a run writes it: /)
  })
  test("metrics with a damaged line: verified, repaired, and gone on with", async () => {
    const to = copy()
    const file = join(to, "metrics.jsonl")
    const lines = readFileSync(file, "utf8").split("\n")
    writeFileSync(file, lines.with(4, '{"stage": "\u001B[2J').join("\n"))
    refused(await train(to), `metrics.jsonl is not as a run writes it: at line 5, expected JSON, found`)
    const verify = (...more: ReadonlyArray<string>) => here(["verify", to, ...more])
    const before = await verify()
    expect(before.code).toBe(1)
    expect(before.text).toMatch(/damaged {2}metrics\.jsonl: at line 5, expected JSON, found .*--repair keeps the rest/)
    expect(before.text).not.toContain("\u001B")
    const repaired = await verify("--repair")
    expect(repaired.code).toBe(0)
    expect(repaired.text).toContain("repaired metrics.jsonl")
    expect((await train(to)).code).toBe(0)
  })
  test("a checkpoint whose numbers are of another kind", async () => {
    const to = copy()
    const bytes = readFileSync(checkpoint(to))
    const text = bytes.toString("latin1").replace('{"dtype":"F32"', '{"dtype":"I32"')
    writeFileSync(checkpoint(to), Buffer.from(text, "latin1"))
    refused(
      await train(to),
      /no-cot\.safetensors: malformed safetensors, content: expected the SHA-256 that was written/
    )
  })
  test("another config: the first option that differs is named, and the run is as it was", async () => {
    const before = readFileSync(checkpoint(out))
    refused(await train(out, "--set", "model.hidden=16"), "holds a run with model.hidden 8, not 16")
    expect(readFileSync(checkpoint(out)).equals(before)).toBe(true)
  })
  test("a checkpoint of another model: the first difference is named, and the file is as it was", async () => {
    const [narrow, wide] = [copy(), join(folder(), "wide")]
    expect((await train(wide, "--set", "model.width=16")).code).toBe(0)
    cpSync(checkpoint(wide), checkpoint(narrow))
    refused(
      await here(["eval", "no-cot", "--out", narrow, ...oneThread]),
      /was saved with another config: backbone\.embedding is \[\d+,16\], expected \[\d+,8\]/
    )
    refused(await train(narrow), /was saved with another config/)
    expect(readFileSync(checkpoint(narrow)).equals(readFileSync(checkpoint(wide)))).toBe(true)
  })
  test("a truncated checkpoint, and one whose header promises more than there is", async () => {
    const to = copy()
    truncateSync(checkpoint(to), Math.floor(statSync(checkpoint(to)).size / 2))
    const evaluate = () => here(["eval", "no-cot", "--out", to, ...oneThread])
    refused(await evaluate(), /no-cot\.safetensors: malformed safetensors, .*: expected bytes up to \d+, found/)
    writeFileSync(checkpoint(to), Buffer.concat([Buffer.alloc(8, 0xff), Buffer.from("{}")]))
    refused(await evaluate(), /no-cot\.safetensors: malformed safetensors, header: expected at most 2 bytes of header/)
  })
  test("an export into the folder of a run, its own or another, or into that of another model", async () => {
    const to = copy()
    const bytes = (of: string) => readdirSync(of).map((name) => [name, readFileSync(join(of, name), "latin1")])
    const before = bytes(to)
    const into = (to: string) => here(["export", "no-cot", "--out", out, "--to", to, ...oneThread])
    const expected = /expected an empty folder or a new one for a model, found config\.json in /
    refused(await into(to), expected)
    expect(bytes(to)).toEqual(before)
    const own = bytes(out)
    refused(await into(join(out, ".")), expected)
    expect(bytes(out)).toEqual(own)
    const model = join(folder(), "model")
    expect((await into(model)).code).toBe(0)
    const exported = bytes(model)
    refused(await into(model), expected)
    expect(bytes(model)).toEqual(exported)
  })
  test("an exported model that is not one", async () => {
    const to = join(copy(), "exported")
    expect((await here(["export", "no-cot", "--out", out, "--to", to, ...oneThread])).code).toBe(0)
    const ask = () => here(["ask", to, "1 + 1", ...oneThread])
    const config = readFileSync(join(to, "config.json"), "utf8")
    writeFileSync(join(to, "config.json"), config.replace('"num_hidden_layers": 1', '"num_hidden_layers": 4'))
    refused(await ask(), /not a model for this program: .*expected/)
  })
  test("data that changed since the run was begun", async () => {
    const [to, data] = [join(folder(), "data"), written([good, good, good])]
    const args = ["train", "no-cot", "--data", data, "--out", to, ...tiny, ...oneThread]
    expect((await here([...args, "--set", "supervised.warmStart=1"])).code).toBe(0)
    writeFileSync(data, `${good}\n${problem("p", "<<1+2=3>> #### 3")}\n${good}\n`)
    const vocabulary = readFileSync(join(to, "vocabulary.json"), "utf8")
    refused(
      await here([...args, "--set", "supervised.warmStart=1"]),
      `holds a run on other problems: ${data} has changed`
    )
    expect(readFileSync(join(to, "vocabulary.json"), "utf8")).toBe(vocabulary)
  })
  test("a run whose files leave nothing to be asked", async () => {
    const to = join(folder(), "few")
    const args = ["train", "no-cot", "--data", written([good, good]), "--out", to, ...tiny, ...oneThread]
    expect((await here([...args, "--set", "supervised.warmStart=1"])).code).toBe(0)
    for (const command of ["inspect", "sample"])
      refused(await here([command, "no-cot", "--out", to, ...oneThread]), "the run has no held-out question to show")
  })
  test("a disk that is full: what was saved before stays, and the run goes on when there is room", async () => {
    const to = join(folder(), "full")
    const args = ["train", "no-cot", "--out", to, ...tiny, ...oneThread]
    // Room for the metrics of some updates and not for a checkpoint.
    refused(
      await noema(args, { fileKilobytes: 8 }),
      /was not written: E[A-Z]+: .*; the previous version, if any, is intact/
    )
    expect(readdirSync(to).filter((name) => name.endsWith(".partial"))).toEqual([])
    expect(existsSync(checkpoint(to))).toBe(false)
    expect((await here(args)).code).toBe(0)
    expect(existsSync(checkpoint(to))).toBe(true)
  })
})
