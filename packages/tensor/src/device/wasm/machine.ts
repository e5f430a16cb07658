/** What the programs of one device share: memory, workers, one arena, and the turn to run. */
import * as Semaphore from "effect/Semaphore"
import type { Tier } from "../../emit/wasm/tier.ts"
import type { DType } from "../../graph/node.ts"
import { DeviceFailure, type DeviceBuffer } from "../device.ts"
import type { Worth } from "./cost.ts"
import type { Heap } from "./heap.ts"
import type { Pool } from "./pool.ts"

export const deviceName = "wasm"

export const failure = (reason: string): DeviceFailure => new DeviceFailure({ device: deviceName, reason })

/** An array in the heap; its address is null once its scope has closed. */
export class HeapBuffer implements DeviceBuffer {
  readonly dtype: DType
  readonly length: number
  readonly owner: Machine
  address: number | null

  constructor(owner: Machine, dtype: DType, length: number, address: number) {
    this.owner = owner
    this.dtype = dtype
    this.length = length
    this.address = address
  }
}

export class Machine {
  readonly tier: Tier
  readonly worth: Worth
  readonly threads: number
  readonly heap: Heap
  /** Null where memory cannot be shared: then everything runs on the main thread. */
  readonly pool: Pool | null
  /** Held during a run, and while the arena moves. */
  readonly turn = Semaphore.makeUnsafe(1)
  private readonly needs = new Map<number, number>()
  private arena: { readonly address: number; readonly bytes: number } = { address: 0, bytes: 0 }
  private programs = 0

  constructor(tier: Tier, worth: Worth, threads: number, heap: Heap, pool: Pool | null) {
    this.tier = tier
    this.worth = worth
    this.threads = threads
    this.heap = heap
    this.pool = pool
  }

  nextProgram(): number {
    return ++this.programs
  }

  /** Where the temporaries of the program that is running lie: programs take turns, so they share one arena. */
  get arenaAddress(): number {
    return this.arena.address
  }

  get arenaBytes(): number {
    return this.arena.bytes
  }

  /** Makes the arena large enough for one more program; false where there is no room, and then nothing has changed. */
  joinArena(program: number, bytes: number): boolean {
    if (bytes > this.arena.bytes && !this.moveArena(bytes)) return false
    this.needs.set(program, bytes)
    return true
  }

  leaveArena(program: number): void {
    this.needs.delete(program)
    const needed = Math.max(0, ...this.needs.values())
    if (needed < this.arena.bytes) this.moveArena(needed)
  }

  private moveArena(bytes: number): boolean {
    const { address: old, bytes: before } = this.arena
    if (before > 0) this.heap.release(old)
    const address = bytes > 0 ? this.heap.allocate(bytes) : 0
    // Nothing has been taken since the release, so the old size still fits.
    this.arena =
      address === null ? { address: before > 0 ? this.heap.allocate(before)! : 0, bytes: before } : { address, bytes }
    return address !== null
  }
}
