/** Completions of a run: lines that say what they said, or a refusal; and after a repair what is left is read. */
import { CompletionsFile, Folder, Report, ReportCompletions, RunReport } from "../inside.ts"
import * as Effect from "effect/Effect"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { repairRun } from "../../../packages/atp/src/checkpoint/verify.ts"
import { Fault, hold, outcomeOf, type Target } from "./judge.ts"
import { type Dice, mutated } from "./mutate.ts"

const row = (round: number, question: string, answer: string | null) => ({
  stage: "rl",
  update: round,
  question,
  gold: { steps: ["<<1+2=3>>"], answer: "3" },
  before: answer,
  steps: ["<<1+2=3>>", "<<3=>>"],
  legal: [true, false],
  answer,
  right: answer === "3",
  reward: 1.5,
  rewards: { correct: 1, format: 1 },
  advantage: null
})
const rows = [row(1, "1 + 2?", "3"), row(1, "2 + 1?", null), row(2, "<b>&", "4"), row(5, "\u202E1", "3")]
const whole = new TextEncoder().encode(rows.map((each) => `${JSON.stringify(each)}\n`).join(""))
const name = CompletionsFile.completionsFile("rl")

/** The completions of a run in `folder`, changed. */
export const completionsTarget = (folder: string): Target => {
  const at = join(folder, "completions")
  const read = Effect.map(CompletionsFile.readCompletions(at), (entries) => {
    const shown = ReportCompletions.completionsOf(entries)
    const page = Report.html({ ...RunReport.ofTraining("mine", []), completions: shown })
    return { entries, page }
  })
  return {
    name: "completions",
    check: async (dice: Dice) => {
      rmSync(at, { recursive: true, force: true })
      mkdirSync(at)
      await outcomeOf(Effect.scoped(Effect.asVoid(Folder.openRun(at, {}, {}))))
      const bytes = mutated(dice, whole, [whole])
      writeFileSync(join(at, name), bytes)
      try {
        const found = await outcomeOf(read)
        if ("value" in found) {
          const text = Buffer.from(bytes).toString("utf8")
          for (const { update } of found.value.entries) hold(text.includes(`${update}`), `round ${update} is nowhere`)
          hold(!/<b>&|<script/.test(found.value.page), "a text of the file is a tag of the page")
          return "read"
        }
        await outcomeOf(Effect.scoped(repairRun(at)))
        hold("value" in (await outcomeOf(read)), "what is left after a repair is refused")
        return "refused"
      } catch (error) {
        throw new Fault(error instanceof Error ? (error.stack ?? error.message) : String(error), bytes)
      }
    }
  }
}
