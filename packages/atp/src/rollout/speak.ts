/** What latents say: the texts of their groups, spelt by a method's speaker on the device. */
import { type Device, merge, Program, Random, Resident, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type ContextState, prefill, withRoom } from "../context/context.ts"
import type { Speaker } from "../part/stepDecoder.ts"
import { derive, type Key, words } from "../random/key.ts"
import { special } from "../text/tokenizer.ts"
import { type Held, modelOf } from "../method/held.ts"
import type { RolloutState, Sampler, SamplerOptions } from "./sampler.ts"
import { untilEnd } from "./sampler.ts"
import { write, type Writing } from "./write.ts"

const { spec } = Program

const symbolsPerRun = 8

/** A group of an attempt is a row of its own. */
type Group = "attempts*steps"

interface SpokenState {
  readonly open: ReadonlyArray<{ readonly state: ContextState<Group>; readonly ended: Tensor.Tensor<[Group], "bool"> }>
}

/** Spells the latents of a sampler's last run: symbols by attempt and group, the end mark included where there is one. */
export type Speaking = (
  key: Key
) => Effect.Effect<ReadonlyArray<ReadonlyArray<ReadonlyArray<number>>>, Program.ProgramError>

/** Latents by time as groups, a row each. */
const groupsOf = (
  latents: ReadonlyArray<Tensor.Tensor<["attempts", "width"]>>,
  perStep: number
): Tensor.Tensor<[Group, "each", "width"]> => {
  const groups: Tensor.Tensor<["attempts", "steps", "each", "width"]> = Tensor.stack(
    Array.from({ length: latents.length / perStep }, (_, group) =>
      Tensor.stack(latents.slice(group * perStep, (group + 1) * perStep), 1, "each")
    ),
    1,
    "steps"
  )
  const rows = merge(Tensor.dim(groups, 0), Tensor.dim(groups, 1))
  return Tensor.reshape(groups, [rows, Tensor.dim(groups, 2), Tensor.dim(groups, 3)])
}

/** Speaks for a sampler. `stepSymbols` is how many symbols a text has at most. */
export const speaking = Effect.fnUntraced(function* (
  held: Held,
  sampler: Sampler,
  {
    maxSteps,
    perStep,
    stepSymbols,
    texts,
    attempts
  }: Pick<SamplerOptions, "attempts" | "maxSteps" | "perStep"> & {
    readonly stepSymbols: number
    readonly texts: "greedy" | "sampled"
  }
): Effect.fn.Return<Speaking, Program.ProgramError, Device.Device | Scope.Scope> {
  const atOnce = Math.min(stepSymbols, symbolsPerRun)
  const more = stepSymbols > atOnce
  const uniforms = (key: Random.Key, like: Tensor.Tensor<[Group]>) =>
    texts === "greedy" ? null : (at: number) => Random.uniformLike(Random.foldIn(key, at), like)
  const textOf = ({ context, ended }: Writing<Group>): SpokenState => ({
    open: more ? [{ state: withRoom(context, perStep + stepSymbols), ended }] : []
  })
  const begun = (speaker: Speaker, latents: RolloutState["latents"], key: Random.Key) => {
    const groups = groupsOf(latents, perStep)
    const all = Tensor.gt(Tensor.add(Tensor.mul(Tensor.at(groups, 2, 0), 0), 1), 0)
    const context = prefill(speaker, groups, all)
    const ended = Tensor.lt(context.state.next, 0)
    const { symbols, writing } = write(
      speaker,
      { context, ended },
      { count: atOnce, more, uniforms: uniforms(key, context.state.next) }
    )
    return { state: textOf(writing), symbols }
  }
  const speakerOf = (tensors: Parameters<typeof modelOf>[1]): Speaker => {
    const { speaker } = modelOf(held, tensors)
    if (speaker === null) throw new TypeError(`expected a method whose latents have texts, found ${held.method.name}`)
    return speaker
  }

  const parameters = Program.zeros({ trainable: held.specs.trainable, frozen: held.specs.frozen }, held.names)
  const example = begun(
    speakerOf(parameters),
    Program.zeros(sampler.specs.latents, { ...held.names, attempts }),
    Tensor.zeros([2], "i32")
  )
  const zeros: SpokenState = {
    open: example.state.open.map(({ ended, state: { cache, hidden, next, seen } }) => ({
      ended: Tensor.zerosLike(ended),
      state: {
        cache: cache.map(({ key, value }) => ({ key: Tensor.zerosLike(key), value: Tensor.zerosLike(value) })),
        hidden: Tensor.zerosLike(hidden),
        next: Tensor.zerosLike(next),
        seen: Tensor.zerosLike(seen)
      }
    }))
  }
  const specs = Program.specsOf(zeros)
  const state = yield* Resident.make(zeros)
  const begin = yield* Program.make(
    (_, tensors, thought, key) => {
      const { state, symbols } = begun(speakerOf(tensors), thought.latents, key)
      return [state, symbols] as const
    },
    specs,
    held.specs,
    sampler.specs,
    spec([2], "i32")
  )
  const goOn = yield* Program.make(
    ({ open }, tensors, at, key) => {
      const speaker = speakerOf(tensors)
      const { ended, state } = open[0]!
      const { symbols, writing } = write(
        speaker,
        { context: { transformer: speaker, state, at }, ended },
        { count: symbolsPerRun, more, uniforms: uniforms(key, state.next) }
      )
      return [textOf(writing), symbols] as const
    },
    specs,
    held.specs,
    spec([], "i32"),
    spec([2], "i32")
  )
  return Effect.fnUntraced(function* (key: Key) {
    const rows: Array<{ readonly data: ArrayLike<number> }> = [
      ...(yield* Program.update(begin, state, held.state, sampler.state, words(derive(key, "speak"))))
    ]
    while (rows.length < stepSymbols && !Array.from(rows.at(-1)!.data).every((symbol) => symbol === special("<eos>"))) {
      const key2 = words(derive(key, "speak", rows.length))
      rows.push(...(yield* Program.update(goOn, state, held.state, perStep + rows.length, key2)))
    }
    return Array.from({ length: attempts }, (_, attempt) =>
      Array.from({ length: maxSteps }, (_, group) => untilEnd(rows, attempt * maxSteps + group, stepSymbols))
    )
  })
})
