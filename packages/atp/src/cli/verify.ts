/** `noema verify`: what is damaged in a folder, and what of it can be put right. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { Argument, Command, Flag } from "effect/cli"
import { type Finding, repairRun, verifyRun } from "../checkpoint/verify.ts"
import { plain } from "../input/shown.ts"
import { isThere } from "../run/absent.ts"
import { loadModel } from "../saved/model.ts"
import { sentence } from "./sentence.ts"

const lineOf = ({ file, remedy, state, what }: Finding): string => {
  const said = [what, remedy].filter((each) => each !== "").join("; ")
  return `${state.padEnd(8)} ${plain(file)}${said === "" ? "" : `: ${plain(said)}`}`
}

/** A finished model is verified by reading it. */
const verifyModel = (folder: string) =>
  loadModel(folder).pipe(
    Effect.match({
      onSuccess: (): Finding => ({ file: folder, state: "good", what: "a model", remedy: "", repairable: false }),
      onFailure: ({ message }): Finding => ({
        file: folder,
        state: "damaged",
        what: message,
        remedy: "export it again",
        repairable: false
      })
    }),
    Effect.map((finding) => [finding])
  )

export const verify = Command.make(
  "verify",
  {
    folder: Argument.String("run").pipe(Argument.withDescription("Folder of a run, or one that export wrote")),
    repair: Flag.Boolean("repair").pipe(
      Flag.withDescription(
        "Take damaged lines out of the metrics and note what is lost; write a run.json that is missing"
      ),
      Flag.withDefault(false)
    )
  },
  ({ folder, repair }) =>
    Effect.gen(function* () {
      const isModel = (yield* isThere(`${folder}/model.safetensors`)) && !(yield* isThere(`${folder}/metrics.jsonl`))
      if (repair && !isModel) for (const did of yield* repairRun(folder)) yield* Console.log(`repaired ${plain(did)}`)
      const findings = yield* isModel ? verifyModel(folder) : verifyRun(folder)
      for (const finding of findings) yield* Console.log(lineOf(finding))
      if (findings.some(({ state }) => state === "damaged" || state === "missing")) process.exitCode = 1
    }).pipe(Effect.scoped, sentence)
).pipe(
  Command.withDescription("Check every file of a run against its digests, and say what is damaged and what can be done")
)
