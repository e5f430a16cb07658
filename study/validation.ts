/**
 * `node --conditions=@noema/source study/validation.ts CHOICE` prints what candidates for a setting get on validation questions,
 * of seeds that nothing is reported of: how it was chosen.
 */
import { Evaluate, type Method, Pipeline } from "@noema/atp"
import { Wasm } from "@noema/tensor"
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as Effect from "effect/Effect"
import { type Bed, type BedName, beds, taskOf } from "./beds.ts"
import { methods } from "./methods.ts"
import { withPosterior } from "./posterior.ts"

/** Candidates by name, and the beds and seeds that they are compared on. */
interface Choice {
  readonly beds: ReadonlyArray<BedName>
  readonly seeds: ReadonlyArray<number>
  readonly candidates: Readonly<Record<string, Method.Method>>
}

const weights = [1e-3, 1e-2, 1e-1, 1]

const choices: Readonly<Record<string, Choice>> = {
  /** The weight of the divergence where a posterior reads the step. */
  posterior: {
    beds: ["canonical"],
    seeds: [10],
    candidates: Object.fromEntries(weights.map((weight) => [`posterior, ${weight}`, withPosterior(weight)]))
  },
  /** Whether ATP-Latent has a spare latent, on a second task: on arithmetic that had been seen. */
  spare: {
    beds: ["walk"],
    seeds: [10, 11, 12],
    candidates: {
      "a spare latent spells the answer": methods["atp-latent"],
      "no spare latent": methods["atp-latent-plain"]
    }
  }
}

const name = process.argv[2] ?? ""
const choice = choices[name]
if (choice === undefined) {
  console.error(`expected one of ${Object.keys(choices).join(", ")}, found ${name === "" ? "nothing" : name}`)
  process.exit(1)
}

const percent = (share: number | null | undefined): string => (share == null ? "" : (100 * share).toFixed(1))

for (const bedName of choice.beds)
  for (const seed of choice.seeds)
    for (const [label, method] of Object.entries(choice.candidates)) {
      const bed: Bed = beds[bedName]
      const run = Pipeline.pipeline({ task: taskOf(bed), method, seed, ...bed.run, heldOut: "validation" }).pipe(
        Pipeline.supervise({ name: "candidate" }),
        Pipeline.evaluate({ card: true })
      )
      const { evaluations } = await run
        .run()
        .pipe(Effect.provide(NodeFileSystem.layer), Effect.provide(Wasm.layer()), Effect.runPromise)
      const { accuracy, card, problems, tokens } = evaluations.at(-1)!
      const [low, high] = Evaluate.wilson(Math.round(accuracy * problems), problems)
      console.log(
        [
          bedName,
          seed,
          label,
          `${percent(accuracy)} % of ${problems} (${percent(low)} to ${percent(high)})`,
          `${tokens.toFixed(1)} tokens`,
          `donor ${percent(card?.donor)}`,
          `follows ${percent(card?.follows?.share)}`
        ].join("; ")
      )
    }
process.exit(0)
