/** What a pipeline is, before it runs: the stages that train, each with a digest of all that it is. */
import * as Effect from "effect/Effect"
import type { BadConfig } from "../train/config.ts"
import type { BadPipeline } from "./errors.ts"
import { configOf } from "./open.ts"
import type { Pipeline } from "./pipeline.ts"
import { plan } from "./plan.ts"

/**
 * The stages of a pipeline that train, by name, each with the digest that stands in its `NAME.settings.json`: of its method,
 * its options, the seed, and all stages before it. The data set is no part of it. Fails as the pipeline would.
 *
 * @example
 * const run = Pipeline.pipeline({ task: Task.arithmetic(), method: Methods.atpLatent })
 * const digests = yield* Pipeline.digests(run.pipe(Pipeline.supervise(), Pipeline.reinforce()))
 * Object.keys(digests) // => ["warm-start", "atp-latent", "atp-latent-rl"]
 * digests["warm-start"].length // => 16
 */
export const digests = <E, R>(
  pipeline: Pipeline<E, R>
): Effect.Effect<Readonly<Record<string, string>>, BadConfig | BadPipeline> =>
  Effect.gen(function* () {
    const { jobs } = yield* plan(pipeline.stages, yield* configOf(pipeline))
    return Object.fromEntries(jobs.flatMap((job) => (job.kind === "evaluate" ? [] : [[job.name, job.digest] as const])))
  })
