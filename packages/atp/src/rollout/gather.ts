/** Attempts of several runs of a sampler, gathered on the device so that they are replayed as if one run had made them. */
import { type Device, Program, Resident, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Held } from "../method/held.ts"
import type { RolloutState, Sampler } from "./sampler.ts"

const { spec } = Program

/** Where it lies on the device what attempts did. */
export type Acted = Pick<Sampler, "specs" | "state">

/** A place for as many attempts as one run makes. */
export interface Gathering extends Acted {
  /** Takes attempts of the last run: at every place that of row `rows[place]`, and at those without one what was there. */
  readonly take: (rows: ReadonlyArray<number | null>) => Effect.Effect<void, Program.ProgramError>
}

/** A place to gather so many attempts of a sampler in. */
export const gathering = Effect.fnUntraced(function* (
  { names }: Pick<Held, "names">,
  sampler: Sampler,
  attempts: number
): Effect.fn.Return<Gathering, Program.ProgramError, Device.Device | Scope.Scope> {
  // Texts have been written to their ends, and latents put into words, before anything is gathered.
  const specs: Sampler["specs"] = { ...sampler.specs, shown: [], open: [] }
  const state: Resident.Resident<RolloutState> = yield* Resident.make(Program.zeros(specs, { ...names, attempts }))
  const put = yield* Program.make(
    (there, made, rows, isTaken) => {
      const taken = Tensor.gt(isTaken, 0)
      const next: RolloutState = {
        latents: there.latents.map((latent, t) =>
          Tensor.where(Tensor.expandDims(taken, 1), Tensor.take(made.latents[t]!, rows), latent)
        ),
        drawn: there.drawn.map(({ scores, symbols, weights }, t) => ({
          scores: scores.map((each, i) =>
            Tensor.where(Tensor.expandDims(taken, 1), Tensor.take(made.drawn[t]!.scores[i]!, rows), each)
          ),
          symbols: symbols.map((each, i) => Tensor.where(taken, Tensor.take(made.drawn[t]!.symbols[i]!, rows), each)),
          weights: weights.map((each, i) => Tensor.where(taken, Tensor.take(made.drawn[t]!.weights[i]!, rows), each))
        })),
        noise: there.noise.map((noise, t) =>
          Tensor.where(Tensor.expandDims(taken, 1), Tensor.take(made.noise[t]!, rows), noise)
        ),
        shown: [],
        used: Tensor.where(taken, Tensor.take(made.used, rows), there.used),
        open: []
      }
      return [next, []] as const
    },
    specs,
    sampler.specs,
    spec(["attempts"], "i32"),
    spec(["attempts"], "i32")
  )
  return {
    specs,
    state,
    take: (rows) =>
      Effect.asVoid(
        Program.update(
          put,
          state,
          sampler.state,
          Int32Array.from(rows, (row) => row ?? 0),
          Int32Array.from(rows, (row) => Number(row !== null))
        )
      )
  }
})
