/** Methods from training to answers: trained through all that they have, reinforced where they are, evaluated, exported and asked. */
import { Methods, Model, Pipeline, Reward, Task } from "@noema/atp"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { fresh, run, tiny } from "../pipeline/small.ts"

const names = [
  "colt",
  "colar",
  "multiplex",
  "marcos",
  "token-assorted",
  "latent-sft",
  "latent-grpo",
  "lepo",
  "soft-thinking",
  "soft-tokens",
  "marcos-plain",
  "dropout-grpo"
] as const

test.each(names)(
  "%s is trained, killed, gone on with to the same bits, exported, and says the same there",
  async (name) => {
    const method = Methods.methods[name]
    const begun = Pipeline.pipeline({ task: Task.arithmetic({ values: 5, steps: 2 }), method, ...tiny }).pipe(
      Pipeline.supervise()
    )
    const pipeline =
      Methods.methods[name].reinforcement === null
        ? begun.pipe(Pipeline.evaluate())
        : begun.pipe(
            Pipeline.reinforce({ reward: Reward.random, replay: { chains: 4, weight: 0.2 } }),
            Pipeline.evaluate()
          )
    const whole = fresh()
    const { evaluations, model } = await run(pipeline.into(whole))
    expect(evaluations[0]!.problems).toBe(6)

    class Killed extends Error {}
    const again = fresh()
    let made = 0
    const dying = pipeline.into(again, {
      saveEvery: 1,
      listen: () => (++made === 4 ? Effect.die(new Killed()) : Effect.void)
    })
    await expect(run(dying)).rejects.toThrow()
    await run(pipeline.into(again, { saveEvery: 1 }))
    const last = `${name}${method.reinforcement === null ? "" : "-rl"}.safetensors`
    expect(readFileSync(join(again, last)).equals(readFileSync(join(whole, last)))).toBe(true)

    const folder = join(fresh(), "exported")
    const question = "1 + 2 - 3"
    const said = await run(
      Effect.gen(function* () {
        yield* Model.save(folder, model)
        const loaded = yield* Model.load(folder)
        return [yield* Model.ask(model, question), yield* Model.ask(loaded, question)] as const
      })
    )
    const plain = said.map(({ answer, output, steps, symbols }) => ({ answer, output, steps, symbols }))
    expect(plain[1]).toEqual(plain[0])
  },
  60_000
)
