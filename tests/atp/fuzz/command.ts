/** The real command with arguments as people mistype them: it does what it is told, or says in one sentence why not. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { noema, oneThread, tiny } from "../cli/noema.ts"
import { Fault, faultOfSentence, hold, type Target } from "./judge.ts"
import { type Dice, mutated } from "./mutate.ts"

const words = [
  ..."train rl eval inspect sample export ask data demo devices verify --repair --help --version --set --seed --task --data --config --test --out --to --resume".split(
    " "
  ),
  ..."--count --latents --search --by --noise --question --stage --device cot no-cot atp-latent atp-latent-rl walk easy arithmetic mean sampled vote-2".split(
    " "
  ),
  ..."0 1 -1 3 1e9 0.5 NaN model.width=8 model.width=7 seed=x /dev/zero /dev/null /nonexistent . .. ../x runs -- - = --seed=1 --out=".split(
    " "
  ),
  "",
  " ",
  "1 + 1",
  "\u001b[2J",
  "é",
  "a".repeat(3000)
]

const line = (dice: Dice, out: string): ReadonlyArray<string> => {
  const asked = Array.from({ length: dice.integer(1, 5) }, () => {
    const word = dice.choose(words)
    if (dice.uniform() < 0.85) return word
    return Buffer.from(mutated(dice, Buffer.from(word), [Buffer.from("--out")]))
      .toString("utf8")
      .replaceAll("\0", "")
      .slice(0, 5000)
  })
  // What would train is small, and writes where nothing is.
  const trains = ["train", "rl", "demo"].includes(asked[0]!)
  return [
    ...asked,
    ...(trains ? [...tiny, "--set", "supervised.warmStart=1", "--set", "reinforcement.rounds=1", ...oneThread] : []),
    ...(dice.uniform() < 0.9 ? ["--out", out] : [])
  ]
}

export const commandTarget = (folder: string): Target => ({
  name: "command",
  check: async (dice) => {
    const out = join(folder, `command-${dice.integer(0, 1e9)}`)
    mkdirSync(out)
    const kept = join(out, "kept.txt")
    writeFileSync(kept, "kept")
    const args = line(dice, out)
    const begun = performance.now()
    const { code, complaint, text } = await noema(args, { endWhen: () => performance.now() - begun > 120_000 })
    const shown = new TextEncoder().encode(JSON.stringify({ args, code, text: text.slice(-4000) }))
    try {
      hold(code === 0 || code === 1, `ended with ${code}`)
      hold(!/\n\s+at .*\.(ts|js|mjs):\d+/.test(text), "a place in the code is named")
      hold(existsSync(kept), "a file of others is gone")
      if (code === 1) {
        const wrong = faultOfSentence(complaint.trimEnd().split("\n").at(-1)!.replace(/^\r/, ""), 2100)
        hold(wrong === null, `its complaint ${wrong}`)
      }
      return code === 0 ? "read" : "refused"
    } catch (error) {
      throw new Fault((error as Error).message, shown)
    }
  }
})
