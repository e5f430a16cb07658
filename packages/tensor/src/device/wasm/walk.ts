/**
 * A program as threads run it: calls of kernels, cut into pieces of work. Threads take the pieces in order; a piece is
 * taken only when all that it depends on is done. So a thread that gets no processor time holds up nobody: the others
 * do its share. What a piece computes does not depend on who takes it.
 */

/** Where an argument lies: at a fixed address, in the arena, or at an address given anew for every run. */
export type Place =
  | { readonly in: "heap"; readonly address: number }
  | { readonly in: "arena"; readonly offset: number }
  | { readonly in: "table"; readonly index: number }

export interface Call {
  /** Name of the exported kernel. */
  readonly kernel: string
  /** The operations in it, for messages. */
  readonly name: string
  readonly args: ReadonlyArray<Place>
  /** Its shards are 0 to `extent`. */
  readonly extent: number
}

/** Several whole calls one after the other, or some shards of one call. */
export interface Piece {
  readonly first: number
  readonly last: number
  readonly begin: number
  readonly end: number
  /** How many of the pieces before it must be done. */
  readonly after: number
}

export interface Program {
  readonly calls: ReadonlyArray<Call>
  readonly pieces: ReadonlyArray<Piece>
  /** Offset in the arena and size of each thread's scratch memory. */
  readonly scratchOffset: number
  readonly scratchBytes: number
}

type KernelFunction = (...args: ReadonlyArray<number>) => void

interface BoundCall {
  readonly run: KernelFunction
  readonly name: string
  /** Addresses of the arguments, address of scratch, begin, end. */
  readonly values: Array<number>
  readonly extent: number
}

interface Slot {
  readonly values: Array<number>
  readonly at: number
  /** Index in the table, or offset in the arena. */
  readonly from: number
}

/** A program as one thread runs it. */
export class Walker {
  readonly pieces: ReadonlyArray<Piece>
  private readonly calls: ReadonlyArray<BoundCall>
  private readonly inTable: ReadonlyArray<Slot>
  private readonly inArena: ReadonlyArray<Slot>
  private arena = -1

  constructor(program: Program, instance: WebAssembly.Instance, thread: number) {
    const inTable: Array<Slot> = []
    const inArena: Array<Slot> = []
    this.calls = program.calls.map(({ kernel, name, args, extent }) => {
      const values = args.map((place) => (place.in === "heap" ? place.address : 0))
      args.forEach((place, at) => {
        if (place.in === "table") inTable.push({ values, at, from: place.index })
        if (place.in === "arena") inArena.push({ values, at, from: place.offset })
      })
      inArena.push({ values, at: args.length, from: program.scratchOffset + thread * program.scratchBytes })
      values.push(0, 0, extent)
      return { run: instance.exports[kernel] as KernelFunction, name, values, extent }
    })
    this.pieces = program.pieces
    this.inTable = inTable
    this.inArena = inArena
  }

  get length(): number {
    return this.calls.length
  }

  /** Takes up the addresses of this run. */
  bind(arena: number, table: ArrayLike<number>): void {
    for (const { values, at, from } of this.inTable) values[at] = table[from]!
    if (arena === this.arena) return
    for (const { values, at, from } of this.inArena) values[at] = arena + from
    this.arena = arena
  }

  runPiece({ first, last, begin, end }: Piece): void {
    if (last - first > 1) for (let index = first; index < last; index++) this.runCall(index)
    else this.call(this.calls[first]!, begin, end)
  }

  /** All shards of one call. */
  runCall(index: number): void {
    const call = this.calls[index]!
    this.call(call, 0, call.extent)
  }

  private call({ run, name, values }: BoundCall, begin: number, end: number): void {
    if (begin === end) return
    values[values.length - 2] = begin
    values[values.length - 1] = end
    try {
      run(...values)
    } catch (trap) {
      throw new Error(`kernel ${name}: ${trap instanceof Error ? trap.message : String(trap)}`, { cause: trap })
    }
  }
}
