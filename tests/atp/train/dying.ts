/** A stage of reinforcement in a folder, which may be killed on the way. */
import * as Effect from "effect/Effect"
import { Folder, Methods, type Reward, Stages } from "../inside.ts"
import { lively, small, type smallConfig } from "../small.ts"

/** What a run dies of where it is killed. */
export class Killed extends Error {}

/** The method that is reinforced. */
export const method = Methods.methods["atp-latent"]

/** What is other than in most tests. */
interface Around {
  readonly reward: Reward.Reward
  /** The report at which the run is killed; none unless given. */
  readonly dieAt?: number
  readonly notice?: Stages.RunContext["notice"]
}

/** The stage `rl`, saved after every round, in a folder that is given back. */
export const reinforcedIn = Effect.fnUntraced(function* (
  path: string,
  config: typeof smallConfig,
  { dieAt, notice = () => Effect.void, reward }: Around
) {
  const experiment = small(config)
  const folder = yield* Folder.openRun(path, config, {})
  let made = 0
  const context: Stages.RunContext = {
    experiment,
    folder,
    saveEvery: 1,
    listen: () => (++made === dieAt ? Effect.die(new Killed()) : Effect.void),
    notice
  }
  yield* Stages.reinforceStage(context, "rl", method, lively(experiment, method), { reward })
  return folder
})
