/** What latents say: the texts of their groups, spelt by a method's speaker on the device. */
import { type Device, merge, named, Program, type Random, Resident, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { prefill, withRoom } from "../context/context.ts"
import { shownOf } from "../objective/think.ts"
import { heard, type Speaker } from "../part/stepDecoder.ts"
import { derive, type Key, words } from "../random/key.ts"
import { type Held, modelOf } from "../method/held.ts"
import type { RolloutState, Sampler, SamplerOptions } from "./sampler.ts"
import { batchSizes } from "./sizes.ts"
import {
  addTo,
  type Begun,
  begunOf,
  blank,
  chanceOf,
  continuing,
  moved,
  type Symbols,
  symbolsPerRun,
  usualPatience
} from "./texts.ts"
import { write } from "./write.ts"

const { spec } = Program

/** A group of an attempt is a text of its own: those that were taken come first, perhaps some others after them. */
interface SpokenState {
  readonly open: Begun<"said", "spoken">
}

/**
 * Spells the latents of a sampler's last run, of which each attempt kept so many: symbols by attempt and group, the end mark
 * included where there is one.
 */
export type Speaking = (
  used: ArrayLike<number>,
  key: Key
) => Effect.Effect<ReadonlyArray<ReadonlyArray<ReadonlyArray<number>>>, Program.ProgramError>

/** What was thought, as it lies on the device. */
type Thought = Pick<RolloutState, "latents" | "shown">

/** What is put into words of each group, a row each: groups of an attempt, attempt after attempt. */
const groupsOf = (
  { latents, shown }: Thought,
  perStep: number
): Tensor.Tensor<["attempts*steps", "shown", "width"]> => {
  const groups = shownOf(latents, shown, perStep)
  const rows = merge(Tensor.dim(groups, 0), Tensor.dim(groups, 1))
  return Tensor.reshape(groups, [rows, Tensor.dim(groups, 2), Tensor.dim(groups, 3)])
}

/** Speaks for a sampler. `stepSymbols` is how many symbols a text has at most. */
export const speaking = Effect.fnUntraced(function* (
  held: Held,
  sampler: Sampler,
  {
    maxSteps,
    patience = usualPatience,
    perStep,
    stepSymbols,
    texts: kind,
    attempts
  }: Pick<SamplerOptions, "attempts" | "maxSteps" | "patience" | "perStep"> & {
    readonly stepSymbols: number
    readonly texts: "greedy" | "sampled"
  }
): Effect.fn.Return<Speaking, Program.ProgramError, Device.Device | Scope.Scope> {
  const all = attempts * maxSteps
  const atOnce = Math.min(stepSymbols, symbolsPerRun)
  const more = stepSymbols > atOnce
  const chance = chanceOf(kind === "sampled", all)
  const begun = (
    speaker: Speaker,
    thought: Thought,
    rows: Tensor.Tensor<["said"], "i32">,
    taken: Tensor.Tensor<[], "i32">,
    key: Random.Key
  ) => {
    const groups = Tensor.take(groupsOf(thought, perStep), rows)
    const everywhere = Tensor.gt(Tensor.add(Tensor.mul(Tensor.at(groups, 2, 0), 0), 1), 0)
    const read = prefill(speaker, heard<["said", "shown"]>(speaker, groups), everywhere)
    const context = { ...read, state: withRoom(read, groups.sizes[1]! + atOnce - (more ? 0 : 1)) }
    const ended = Tensor.ge(Tensor.iota([Tensor.dim(rows, 0)], 0), taken)
    const { symbols, writing } = write(
      speaker,
      { context, ended },
      { count: atOnce, more, uniforms: chance(key, rows) }
    )
    const state: SpokenState = { open: begunOf(writing, rows, more, "spoken") }
    return { state, symbols }
  }
  const speakerOf = (tensors: Parameters<typeof modelOf>[1]): Speaker => {
    const { speaker } = modelOf(held, tensors)
    if (speaker === null) throw new TypeError(`expected a method whose latents have texts, found ${held.method.name}`)
    return speaker
  }

  const parameters = Program.zeros({ trainable: held.specs.trainable, frozen: held.specs.frozen }, held.names)
  const exampleOf = (rows: number) =>
    begun(
      speakerOf(parameters),
      Program.zeros({ latents: sampler.specs.latents, shown: sampler.specs.shown }, { ...held.names, attempts }),
      Tensor.zeros([named("said", rows)], "i32"),
      Tensor.scalar(0, "i32"),
      Tensor.zeros([2], "i32")
    ).state
  const example = exampleOf(all)
  const specs = Program.specsOf(example)
  const begin = yield* Program.make(
    (_, tensors, thought, rows, taken, key) => {
      const { state, symbols } = begun(speakerOf(tensors), thought, rows, taken, key)
      return [state, symbols] as const
    },
    specs,
    held.specs,
    sampler.specs,
    spec(["said"], "i32"),
    spec([], "i32"),
    spec([2], "i32")
  )
  const [started] = example.open
  const slots = (started?.state.seen.sizes[1] ?? 0) + stepSymbols - atOnce
  const goingOn =
    started === undefined
      ? null
      : yield* continuing(held, {
          voice: speakerOf,
          example: started,
          all,
          limit: stepSymbols,
          slots,
          chance,
          patience,
          weighed: false
        })
  const move =
    goingOn === null
      ? null
      : yield* Program.make(
          (_, { open }, rows) => [moved(open, rows, slots), []] as const,
          goingOn.specs,
          specs,
          spec(["rows"], "i32")
        )

  const services = yield* Effect.context<Device.Device | Scope.Scope>()
  const states = new Map<number, Resident.Resident<SpokenState>>()
  const stateOf = Effect.fnUntraced(function* (rows: number) {
    const state = states.get(rows) ?? (yield* Resident.make(blank(exampleOf(rows))))
    states.set(rows, state)
    return state
  }, Effect.provide(services))
  const sizeFor = batchSizes(all, patience)
  return Effect.fnUntraced(function* (used: ArrayLike<number>, key: Key) {
    const groups = Array.from({ length: all }, (_, group) => group)
    const isTaken = (group: number): boolean => (group % maxSteps) * perStep < used[Math.floor(group / maxSteps)]!
    const [taken, others] = [groups.filter(isTaken), groups.filter((group) => !isTaken(group))]
    const texts = groups.map((): Symbols => [])
    if (taken.length > 0) {
      const rows = [...taken, ...others].slice(0, sizeFor(taken.length))
      const which = Int32Array.from(rows)
      const state = yield* stateOf(rows.length)
      const symbols = yield* Program.update(
        begin,
        state,
        held.state,
        sampler.state,
        which,
        taken.length,
        words(derive(key, "speak"))
      )
      addTo(texts, rows, { symbols }, stepSymbols)
      if (goingOn !== null && move !== null)
        yield* goingOn.finish({
          texts,
          rows,
          move: (to, from) => Program.update(move, to, state, from),
          key: (symbol) => derive(key, "speak", symbol)
        })
    }
    return Array.from({ length: attempts }, (_, attempt) => texts.slice(attempt * maxSteps, (attempt + 1) * maxSteps))
  })
})
