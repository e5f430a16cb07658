/** How much work the jobs of a pipeline are, before any of it is done. */
import type { Program } from "@noema/tensor"
import type { Method } from "../method/method.ts"
import { type Experiment, experiment, firstParameters, phasesOf, warmPhases } from "../train/experiment.ts"
import { updatesWorth } from "../train/stages.ts"
import { totalUpdates } from "../train/supervised.ts"
import type { Job } from "./plan.ts"

/** A stage that trains. */
export interface Planned {
  readonly name: string
  /** Its reports: supervised updates, or rounds. */
  readonly reports: number
  /** What all of it costs, in supervised updates of its method. */
  readonly work: number
}

/** The stages of jobs that train, in their order. */
export const plannedOf = <E, R>(
  jobs: ReadonlyArray<Job<E, R>>,
  { key, subject }: Experiment
): ReadonlyArray<Planned> => {
  const firsts = new Map<Method, Program.AnyValues>()
  const firstOf = (own: Experiment, method: Method): Program.AnyValues => {
    const values = firsts.get(method) ?? firstParameters(own, method)
    firsts.set(method, values)
    return values
  }
  return jobs.flatMap((job): ReadonlyArray<Planned> => {
    if (job.kind === "evaluate" || job.kind === "choose") return []
    const { config, method, name } = job
    const own = experiment(config, subject, key)
    if (job.kind === "warm" || job.kind === "curriculum") {
      const updates = totalUpdates(job.kind === "warm" ? warmPhases(own) : phasesOf(own, method))
      return [{ name, reports: updates, work: updates }]
    }
    if (job.kind === "critic") {
      const { batch, critics } = config.preference
      return [{ name, reports: critics.updates, work: Math.round((critics.updates * batch) / config.supervised.batch) }]
    }
    if (job.kind === "prefer") {
      const { batch, updates } = config.preference
      // Two attempts of each pair, forward and back, and forward once more by the reference.
      const rows = (8 * updates * batch) / 3
      return [{ name, reports: updates, work: Math.round(rows / config.supervised.batch) }]
    }
    const work = updatesWorth(own, method, firstOf(own, method))
    return [{ name, reports: job.kind === "more" ? work : config.reinforcement.rounds, work }]
  })
}
