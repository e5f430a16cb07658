/** Loops over one axis: tracks move along, the vector axis goes in groups of vectors with what is left at the end. */
import { i32, select } from "../assembler.ts"
import type { FunctionBuilder, I32, I32Like, Local } from "../assembler.ts"
import type { Expressions } from "./expressions.ts"
import { bit } from "./analysis.ts"
import type { Track } from "./scope.ts"

/** Runs the body `count` times, at least once. */
export const repeat = (body: FunctionBuilder, count: I32Like, step: () => void): void => {
  if (count === 1) {
    step()
    return
  }
  const left = body.let(typeof count === "number" ? i32.const(count) : count)
  body.loop((again) => {
    step()
    body.set(left, i32.sub(left, 1))
    body.break(again, left)
  })
}

/** Opens a scope in which `axis` has an index, `start` at first; `advance` moves it on by some points. */
export const along = (
  e: Expressions,
  axis: number,
  tracks: ReadonlyMap<string, Track>,
  start: number | I32,
  body: (advance: (points: number) => void) => void
): void => {
  const outside = e.bound
  e.within(() => {
    const moving = [...tracks.values()].filter((track) => (track.at.strides[axis] ?? 0) !== 0)
    const places = moving.map((track) => {
      const stride = track.scale * track.at.strides[axis]!
      const from = e.place(track)
      const first =
        typeof start === "number"
          ? start === 0
            ? from
            : i32.add(from, stride * start)
          : i32.add(from, i32.mul(start, stride))
      return { track, stride, name: e.body.let(first) }
    })
    for (const { track, name } of places) e.scopes.current.places.set(track.key, name)
    e.bound |= bit(axis)
    body((points) => {
      for (const { stride, name } of places) e.body.increase(name, stride * points)
    })
  })
  e.bound = outside
}

/** How many vectors are worked on, how many lanes of them count, and whether this is what the whole groups left over. */
export interface Group {
  readonly width: number
  readonly lanes: number
  readonly last: boolean
}

/** Up to this many groups are written out one after the other. */
const straight = 3

/** Visits `length` points of the vector axis from where its tracks stand, `unroll` vectors at a time. */
export const inVectors = (
  e: Expressions,
  length: number,
  unroll: number,
  advance: (points: number) => void,
  visit: (group: Group) => void,
  times: (count: number, step: () => void) => void = (count, step) => repeat(e.body, count, step)
): void => {
  const groups = Math.floor(length / (4 * unroll))
  const group = (): void => {
    visitGroup(e, { width: unroll, lanes: 4, last: false }, visit)
    advance(4 * unroll)
  }
  if (groups <= straight) for (let i = 0; i < groups; i++) group()
  else times(groups, group)
  rest(e, length % (4 * unroll), advance, visit)
}

/** As `inVectors`, where only whole groups are walked a number of times known when the loop runs. */
export const inBlocks = (
  e: Expressions,
  plan: { readonly length: number; readonly block: number; readonly blocks: number; readonly unroll: number },
  number: I32,
  advance: (points: number) => void,
  visit: (group: Group) => void
): void => {
  const { length, block, blocks, unroll } = plan
  if (blocks === 1) {
    inVectors(e, length, unroll, advance, visit)
    return
  }
  const points = 4 * unroll
  const isLast = i32.eq(number, blocks - 1)
  const left = length - (blocks - 1) * block
  const groups = e.body.let(select(isLast, i32.const(Math.floor(left / points)), i32.const(block / points)))
  e.body.if(groups, () =>
    repeat(e.body, groups, () => {
      visitGroup(e, { width: unroll, lanes: 4, last: false }, visit)
      advance(points)
    })
  )
  if (left % points > 0) e.body.if(isLast, () => rest(e, left % points, advance, visit))
}

/** As `inVectors`, where the number of points is known only when the loop runs. */
export const inGroups = (
  e: Expressions,
  length: Local<"i32">,
  unroll: number,
  advance: (points: number) => void,
  visit: (group: Group) => void
): void => {
  const parts = [
    { width: unroll, lanes: 4, last: false },
    { width: 1, lanes: 4, last: true },
    { width: 1, lanes: 1, last: true }
  ]
  for (const part of parts) {
    const points = part.width * part.lanes
    e.body.block((end) =>
      e.body.loop((again) => {
        e.body.break(end, i32.ltS(length, points))
        visitGroup(e, part, visit)
        advance(points)
        e.body.set(length, i32.sub(length, points))
        e.body.break(again)
      })
    )
  }
}

const rest = (
  e: Expressions,
  points: number,
  advance: (points: number) => void,
  visit: (group: Group) => void
): void => {
  const vectors = Math.floor(points / 4)
  const pairs = vectors - (vectors % 2)
  const parts = [
    { width: pairs, lanes: 4, last: false },
    { width: vectors % 2, lanes: 4, last: true },
    { width: points % 4 > 0 ? 1 : 0, lanes: points % 4, last: true }
  ]
  for (const part of parts) {
    if (part.width === 0) continue
    visitGroup(e, part, visit)
    advance(4 * part.width)
  }
}

const visitGroup = (e: Expressions, group: Group, visit: (group: Group) => void): void => {
  const before = { width: e.width, lanes: e.lanes }
  e.width = group.width
  e.lanes = group.lanes
  e.within(() => visit(group))
  e.width = before.width
  e.lanes = before.lanes
}
