/**
 * A context: what has been read, thought and written so far. The only place that knows of slots, positions and masks:
 * training unrolls it, rollouts step it, and a replay scores what was stored with it.
 */
import { type Dim, named, Tensor } from "@noema/tensor"
import { inPlace, type Packed, sideBySide } from "./packed.ts"
import type { Cache, KeyValue, Sight, Transformer } from "./transformer.ts"

/** What of a context is kept on the device between programs. */
export interface ContextState<B extends Dim, S extends Dim = "slots"> {
  readonly cache: Cache<B, S>
  /** True for slots that may be seen; keys and values of the others are zeros. */
  readonly seen: Tensor.Tensor<[B, S], "bool">
  /** The position of the next row that is kept. */
  readonly next: Tensor.Tensor<[B]>
  /** The state after the last row. */
  readonly hidden: Tensor.Tensor<[B, "width"]>
}

/**
 * A context, and the slot that the next row takes: one of those that `withRoom` has made, known when traced or when run, or
 * a new one behind the last. Within room a step writes its row in place; without, what is attended to is no longer than what
 * there is, and a step copies its cache.
 */
export interface Context<B extends Dim> {
  readonly transformer: Transformer
  readonly state: ContextState<B>
  readonly at: number | Tensor.Tensor<[], "i32">
  /** Left out where latents are rows of the sequence, and where something has been written. */
  readonly mind?: Mind<B>
}

/**
 * What latents change where they are no rows of a sequence: a state of its backbone's own. The context it belongs to is the
 * one that is written in if nothing more is thought; its `hidden` is the state that the next latent is drawn at.
 */
export interface Mind<B extends Dim> {
  /** The context behind a latent; as it was where that is not kept. */
  readonly think: (latent: Tensor.Tensor<[B, "width"]>, kept: Tensor.Tensor<[B], "bool">) => Context<B>
  /** The contexts of these rows of the batch. */
  readonly rowsOf: <C extends Dim>(rows: Tensor.Tensor<[C], "i32">) => Context<C>
  /** What is put into words in place of latents. */
  readonly shown: Tensor.Tensor<[B, "shown", "width"]>
}

/** Rows that were added, and the context that sees them. */
export interface Added<B extends Dim, N extends Dim> {
  readonly context: Context<B>
  readonly hidden: Tensor.Tensor<[B, N, "width"]>
  /** The stream after every layer. */
  readonly layers: ReadonlyArray<Tensor.Tensor<[B, N, "width"]>>
}

/** 0, 1, 2, ... along the second axis. */
const places = <B extends Dim, N extends Dim>(like: Tensor.Tensor<[B, N], "bool">): Tensor.Tensor<[B, N]> =>
  Tensor.sub(Tensor.cumsum(Tensor.onesLike(Tensor.cast(like, "f32")), 1), 1)

/** The positions of rows of which some are kept, from a first one on. */
const positionsOf = <B extends Dim, N extends Dim>(
  kept: Tensor.Tensor<[B, N], "bool">,
  from: Tensor.Tensor<[B]>
): Tensor.Tensor<[B, N], "i32"> => {
  const one = Tensor.cast(kept, "f32")
  const before = Tensor.sub(Tensor.cumsum(one, 1), one)
  return Tensor.cast(Tensor.add(Tensor.expandDims(from, 1), before), "i32")
}

const counted = <B extends Dim, N extends Dim>(kept: Tensor.Tensor<[B, N], "bool">): Tensor.Tensor<[B]> =>
  Tensor.sum(Tensor.cast(kept, "f32"), 1)

/** Rows that are all there is: each sees itself and those before it that are `valid`. */
const alone = <B extends Dim, N extends Dim>(valid: Tensor.Tensor<[B, N], "bool">, finite: boolean): Sight<B, N, N> => {
  const place = places(valid)
  const before = Tensor.le(Tensor.expandDims(place, 1), Tensor.expandDims(place, 2))
  return {
    positions: positionsOf(valid, Tensor.sub(counted(valid), counted(valid))),
    visible: Tensor.and(Tensor.expandDims(valid, 1), before),
    finite,
    place: (_, fresh) => onlyWhere(valid, fresh)
  }
}

/** What rows of one pass see, and where they stand, as data. */
export interface Seen<B extends Dim, N extends Dim> {
  /** Rows that there are; the others are seen by none. */
  readonly valid: Tensor.Tensor<[B, N], "bool">
  readonly positions: Tensor.Tensor<[B, N], "i32">
  /** True where a row sees another, if that is there. */
  readonly visible: Tensor.Tensor<[N, N], "bool">
}

/** The states of rows that see what a mask says, at positions that are given, in one pass. */
export const readBy = <B extends Dim, N extends Dim>(
  transformer: Transformer,
  rows: Tensor.Tensor<[B, N, "width"]>,
  { positions, valid, visible }: Seen<B, N>
): Tensor.Tensor<[B, N, "width"]> =>
  transformer.pass(rows, {
    positions,
    visible: Tensor.and(Tensor.expandDims(valid, 1), Tensor.expandDims(visible, 0)),
    finite: false,
    place: (_, fresh) => onlyWhere(valid, fresh)
  }).hidden

const begun = <B extends Dim, N extends Dim>(
  transformer: Transformer,
  valid: Tensor.Tensor<[B, N], "bool">,
  { cache, hidden }: { readonly cache: Cache<B, N>; readonly hidden: Tensor.Tensor<[B, "width"]> }
): Context<B> => {
  const length = valid.sizes[1]!
  const slots = named("slots", length)
  return {
    transformer,
    at: length,
    state: {
      cache: cache.map(({ key, value }) => ({
        key: Tensor.narrow(key, 2, 0, slots),
        value: Tensor.narrow(value, 2, 0, slots)
      })),
      seen: Tensor.narrow(valid, 1, 0, slots),
      next: counted(valid),
      hidden
    }
  }
}

/**
 * A context that has read rows, those that are `valid`, padded on the left so that all end together. The state is that
 * after the last row.
 */
export const read = <B extends Dim, N extends Dim>(
  transformer: Transformer,
  rows: Tensor.Tensor<[B, N, "width"]>,
  valid: Tensor.Tensor<[B, N], "bool">
): Added<B, N> => {
  const { cache, hidden, layers } = transformer.pass(rows, alone(valid, false))
  return { context: begun(transformer, valid, { cache, hidden: Tensor.at(hidden, 1, -1) }), hidden, layers }
}

/** The context of `read`, for less: what the rows before the last come to after the last layer is not computed. */
export const prefill = <B extends Dim, N extends Dim>(
  transformer: Transformer,
  rows: Tensor.Tensor<[B, N, "width"]>,
  valid: Tensor.Tensor<[B, N], "bool">
): Context<B> => begun(transformer, valid, transformer.prefill(rows, inPlace(), whole(valid)))

/** As `prefill`, for rows side by side: nothing is computed of padding. */
export const prefillPacked = (
  transformer: Transformer,
  rows: Tensor.Tensor<["packed", "width"]>,
  packed: Packed
): Context<"questions"> => {
  const valid = Tensor.ge(packed.to, 0)
  return begun(transformer, valid, transformer.prefill(rows, sideBySide(packed), whole(valid)))
}

/** The last row sees all that are valid: where one of them is not finite, nor is what comes of it, guarded or not. */
const whole = <B extends Dim, N extends Dim>(valid: Tensor.Tensor<[B, N], "bool">): Sight<B, N, N> => alone(valid, true)

/**
 * A context with one more row for every sequence, which is seen from now on where it is `kept`; the state is that after it
 * in any case.
 */
export const advance = <B extends Dim>(
  { at, state, transformer }: Context<B>,
  row: Tensor.Tensor<[B, "width"]>,
  kept: Tensor.Tensor<[B], "bool">
): Context<B> => {
  const seen = seeing(state.seen, Tensor.expandDims(kept, 1), at)
  const passed = transformer.pass(Tensor.expandDims(row, 1), {
    positions: Tensor.cast(Tensor.expandDims(state.next, 1), "i32"),
    visible: Tensor.expandDims(seen, 1),
    finite: true,
    place: placed(state.cache, at, Tensor.expandDims(kept, 1))
  })
  return {
    transformer,
    at: typeof at === "number" ? at + 1 : Tensor.add(at, 1),
    state: {
      cache: passed.cache,
      seen,
      next: Tensor.add(state.next, Tensor.cast(kept, "f32")),
      hidden: Tensor.at(passed.hidden, 1, 0)
    }
  }
}

/** A context in the state of an earlier one, for sequences that have not `moved` since. */
export const holding = <B extends Dim>(
  context: Context<B>,
  earlier: Context<B>,
  moved: Tensor.Tensor<[B], "bool">
): Context<B> => ({
  ...context,
  state: {
    ...context.state,
    hidden: Tensor.where(Tensor.expandDims(moved, 1), context.state.hidden, earlier.state.hidden)
  }
})

/** A context with several more rows in one pass, each seeing those of them before it that are kept. */
export const append = <B extends Dim, N extends Dim>(
  { at, state, transformer }: Context<B>,
  rows: Tensor.Tensor<[B, N, "width"]>,
  kept: Tensor.Tensor<[B, N], "bool">
): Added<B, N> => {
  const length = rows.sizes[1]!
  const seen = seeing(state.seen, kept, at)
  const first = typeof at === "number" ? at : Tensor.cast(at, "f32")
  const own = Tensor.add(places(kept), first)
  const passed = transformer.pass(rows, {
    positions: positionsOf(kept, state.next),
    visible: Tensor.and(
      Tensor.expandDims(seen, 1),
      Tensor.le(Tensor.expandDims(places(seen), 1), Tensor.expandDims(own, 2))
    ),
    finite: false,
    place: placed(state.cache, at, kept)
  })
  return {
    hidden: passed.hidden,
    layers: passed.layers,
    context: {
      transformer,
      at: typeof at === "number" ? at + length : Tensor.add(at, length),
      state: {
        cache: passed.cache,
        seen,
        next: Tensor.add(state.next, counted(kept)),
        hidden: Tensor.at(passed.hidden, 1, -1)
      }
    }
  }
}

/**
 * A context with several more rows in one pass, as `append`, in the state after the last of those that are kept; a sequence of
 * which none is kept stays in the state it had.
 */
export const insert = <B extends Dim, N extends Dim>(
  context: Context<B>,
  rows: Tensor.Tensor<[B, N, "width"]>,
  kept: Tensor.Tensor<[B, N], "bool">
): Context<B> => {
  const added = append(context, rows, kept)
  const count = counted(kept)
  const isLast = Tensor.and(kept, Tensor.eq(Tensor.cumsum(Tensor.cast(kept, "f32"), 1), Tensor.expandDims(count, 1)))
  const last = Tensor.sum(Tensor.where(Tensor.expandDims(isLast, 2), added.hidden, 0), 1)
  const hidden = Tensor.where(Tensor.expandDims(Tensor.gt(count, 0), 1), last, context.state.hidden)
  return { ...added.context, state: { ...added.context.state, hidden } }
}

const seeing = <B extends Dim, N extends Dim>(
  seen: Tensor.Tensor<[B, "slots"], "bool">,
  kept: Tensor.Tensor<[B, N], "bool">,
  at: Context<B>["at"]
): Tensor.Tensor<[B, "slots"], "bool"> =>
  at === seen.sizes[1]
    ? Tensor.narrow(Tensor.concat([seen, kept], 1), 1, 0, named("slots", at + kept.sizes[1]!))
    : Tensor.put(seen, { axis: 1, at }, kept)

/** Zeros in the place of what no row will see: whatever it would have been, there is nothing to guard against. */
const onlyWhere = <B extends Dim, N extends Dim>(
  kept: Tensor.Tensor<[B, N], "bool">,
  { key, value }: KeyValue<B, N>
): KeyValue<B, N> => {
  const each = Tensor.expandDims(Tensor.expandDims(kept, 1), 3)
  return { key: Tensor.where(each, key, 0), value: Tensor.where(each, value, 0) }
}

const placed =
  <B extends Dim, N extends Dim>(cache: Cache<B, "slots">, at: Context<B>["at"], kept: Tensor.Tensor<[B, N], "bool">) =>
  (layer: number, fresh: KeyValue<B, N>): KeyValue<B, "slots"> => {
    const { key, value } = onlyWhere(kept, fresh)
    const behind = (
      held: Tensor.Tensor<[B, "groups", "slots", "head"]>,
      fresh: Tensor.Tensor<[B, "groups", N, "head"]>
    ): Tensor.Tensor<[B, "groups", "slots", "head"]> =>
      at === held.sizes[2]
        ? Tensor.narrow(Tensor.concat([held, fresh], 2), 2, 0, named("slots", at + fresh.sizes[2]!))
        : Tensor.put(held, { axis: 2, at }, fresh)
    return { key: behind(cache[layer]!.key, key), value: behind(cache[layer]!.value, value) }
  }

/** The state of a context with room for `slots` rows in all, as it is kept on the device. */
export const withRoom = <B extends Dim, S extends Dim>(
  { state }: { readonly state: ContextState<B, S> },
  slots: number
): ContextState<B> => {
  const room = named("slots", slots)
  return {
    ...state,
    cache: state.cache.map(({ key, value }) => ({
      key: Tensor.padTo(key, 2, room),
      value: Tensor.padTo(value, 2, room)
    })),
    seen: Tensor.padTo(state.seen, 1, room)
  }
}

/** The state of a context as long as it is, with another name for its slots: a program may take contexts of two lengths. */
export const renamed = <B extends Dim, const S extends string>({ state }: Context<B>, name: S): ContextState<B, S> => {
  const slots = named(name, state.seen.sizes[1]!)
  return {
    ...state,
    cache: state.cache.map(({ key, value }) => ({
      key: Tensor.narrow(key, 2, 0, slots),
      value: Tensor.narrow(value, 2, 0, slots)
    })),
    seen: Tensor.narrow(state.seen, 1, 0, slots)
  }
}

/** The states of these rows of a batch; a row may be taken several times, as by several attempts at one question. */
export const rowsOf = <B extends Dim, S extends Dim, C extends Dim>(
  { cache, hidden, next, seen }: ContextState<B, S>,
  rows: Tensor.Tensor<[C], "i32">
): ContextState<C, S> => ({
  cache: cache.map(({ key, value }) => ({ key: Tensor.take(key, rows), value: Tensor.take(value, rows) })),
  seen: Tensor.take(seen, rows),
  next: Tensor.take(next, rows),
  hidden: Tensor.take(hidden, rows)
})
