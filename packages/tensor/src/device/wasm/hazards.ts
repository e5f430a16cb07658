/** Which steps of a program must wait for those before them. */
import type { Plan, Schedule, Step } from "../../kernel/ir.ts"

/** A stretch of memory: two of one space may overlap, two of different spaces never do. */
interface Range {
  readonly space: number
  readonly from: number
  readonly to: number
}

const arenaSpace = -1

/** Memory that was touched: whole spaces, and stretches of the arena in order, none touching another. */
class Touched {
  private readonly spaces = new Set<number>()
  private readonly starts: Array<number> = []
  private readonly ends: Array<number> = []

  add({ space, from, to }: Range): void {
    if (space !== arenaSpace) {
      this.spaces.add(space)
      return
    }
    // Those from `first` to before `next` touch the new one, and are joined with it.
    const first = firstAbove(this.ends, from - 1)
    const next = firstAbove(this.starts, to)
    const start = first < next ? Math.min(from, this.starts[first]!) : from
    const end = first < next ? Math.max(to, this.ends[next - 1]!) : to
    this.starts.splice(first, next - first, start)
    this.ends.splice(first, next - first, end)
  }

  meets({ space, from, to }: Range): boolean {
    if (space !== arenaSpace) return this.spaces.has(space)
    const first = firstAbove(this.ends, from)
    return first < this.starts.length && this.starts[first]! < to
  }
}

/** The first position in ascending numbers that holds more than `limit`. */
const firstAbove = (numbers: ReadonlyArray<number>, limit: number): number => {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (numbers[middle]! > limit) high = middle
    else low = middle + 1
  }
  return low
}

const none = () => ({ reads: new Touched(), writes: new Touched() })

/**
 * Finds the steps that must wait for all before them: those that touch what another piece of work writes, or overwrite
 * what another piece may still read, since the last such step. Steps in one piece never wait for each other.
 */
export class Hazards {
  private readonly ranges: ReadonlyArray<Range>
  /** What was touched since the last wait, by earlier pieces and by the piece that is still open. */
  private earlier = none()
  private current: Array<Step> = []

  constructor({ buffers, inputs, outputs }: Schedule, { offsets, donated }: Plan) {
    const space = buffers.map((buffer) => buffer.id)
    donated.forEach((input, output) => {
      if (input >= 0 && inputs[input]! >= 0) space[outputs[output]!] = inputs[input]!
    })
    this.ranges = buffers.map(({ id, role, length }) =>
      role === "temp"
        ? { space: arenaSpace, from: offsets[id]!, to: offsets[id]! + 4 * length }
        : { space: space[id]!, from: 0, to: Math.max(1, 4 * length) }
    )
  }

  /** `joins`: the step goes into the same piece as the step before it, unless it must wait. */
  mustWait(step: Step, joins: boolean): boolean {
    const { ranges } = this
    if (!joins) {
      for (const { reads, writes } of this.current) {
        for (const buffer of reads) this.earlier.reads.add(ranges[buffer]!)
        for (const buffer of writes) this.earlier.writes.add(ranges[buffer]!)
      }
      this.current = []
    }
    const { reads, writes } = this.earlier
    const wait =
      step.writes.some((buffer) => reads.meets(ranges[buffer]!) || writes.meets(ranges[buffer]!)) ||
      step.reads.some((buffer) => writes.meets(ranges[buffer]!))
    if (wait) {
      this.earlier = none()
      this.current = []
    }
    this.current.push(step)
    return wait
  }
}
