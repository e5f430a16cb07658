/** The device's memory: one WebAssembly memory, grown on demand, and who owns which part of it. */
import type { Data, DType } from "../../graph/node.ts"
import { Allocator } from "./allocator.ts"
import { reservedBytes } from "./control.ts"

const page = 65_536

/** WebAssembly addresses end at 4 GiB; the last page stays unused, so that no address computation wraps around. */
export const addressSpace = 65_536 * page - page

const fewestPages = 1024

/** Memory grows by at least this much, so that small allocations do not each ask the engine. */
const growth = 16 * 2 ** 20

/** A memory of at most that many pages; of fewer where the host has not that much address space for it. */
const reserve = (pages: number, shared: boolean): { readonly memory: WebAssembly.Memory; readonly pages: number } => {
  try {
    return { memory: new WebAssembly.Memory({ initial: reservedBytes / page, maximum: pages, shared }), pages }
  } catch (error) {
    if (pages <= fewestPages) throw error
    return reserve(Math.max(fewestPages, pages >> 1), shared)
  }
}

export class Heap {
  readonly memory: WebAssembly.Memory
  readonly shared: boolean
  readonly limit: number
  private readonly allocator: Allocator

  /** `limit`: the most bytes it may hand out. Shared where the host has SharedArrayBuffer. */
  constructor(limit: number) {
    this.shared = typeof SharedArrayBuffer !== "undefined"
    const { memory, pages } = reserve(Math.min(65_536, Math.ceil((reservedBytes + limit) / page) + 1), this.shared)
    this.memory = memory
    this.allocator = new Allocator(reservedBytes, Math.min(pages * page - page, reservedBytes + limit))
    this.limit = this.allocator.capacity
  }

  get used(): number {
    return this.allocator.used
  }

  /** The most bytes one allocation could have now. */
  get largest(): number {
    return this.allocator.largest
  }

  /** A byte address, or null where there is no room or the host refuses to grow the memory. */
  allocate(bytes: number): number | null {
    const address = this.allocator.allocate(bytes)
    if (address === null) return null
    const missing = address + bytes + page - this.memory.buffer.byteLength
    if (missing > 0 && !this.grow(Math.max(missing, growth)) && !this.grow(missing)) {
      this.allocator.release(address)
      return null
    }
    return address
  }

  release(address: number): void {
    this.allocator.release(address)
  }

  /** Sets words to zero. */
  clear(address: number, length: number): void {
    new Int32Array(this.memory.buffer, address, length).fill(0)
  }

  /** Copies host data in; for `bool`, anything but zero is true. */
  write(address: number, dtype: DType, data: Data): void {
    if (dtype === "f32") new Float32Array(this.memory.buffer, address, data.length).set(data)
    else if (dtype === "i32") new Int32Array(this.memory.buffer, address, data.length).set(data)
    else {
      const cells = new Int32Array(this.memory.buffer, address, data.length)
      for (let i = 0; i < data.length; i++) cells[i] = data[i] === 0 ? 0 : 1
    }
  }

  /** A copy for the host, not shared. */
  read(address: number, dtype: DType, length: number): Float32Array | Int32Array | Uint8Array {
    if (dtype === "f32") return new Float32Array(new Float32Array(this.memory.buffer, address, length))
    const cells = new Int32Array(this.memory.buffer, address, length)
    return dtype === "i32" ? new Int32Array(cells) : new Uint8Array(cells)
  }

  private grow(bytes: number): boolean {
    try {
      this.memory.grow(Math.ceil(bytes / page))
      return true
    } catch {
      return false
    }
  }
}
