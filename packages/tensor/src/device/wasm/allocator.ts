/** Blocks start on cache lines and are whole cache lines. */
export const alignment = 64

export const alignUp = (bytes: number): number => Math.ceil(bytes / alignment) * alignment

interface Span {
  address: number
  bytes: number
}

/**
 * Hands out spans of an address range: first fit, lowest address first; neighbours that are freed become one again.
 * Only numbers: it never touches memory.
 */
export class Allocator {
  readonly capacity: number
  private readonly free: Array<Span>
  private readonly taken = new Map<number, number>()
  private bytes = 0

  /** The addresses from `start` up to, but not including, `end`. */
  constructor(start: number, end: number) {
    const first = alignUp(start)
    this.capacity = Math.max(0, Math.floor((end - first) / alignment) * alignment)
    this.free = this.capacity === 0 ? [] : [{ address: first, bytes: this.capacity }]
  }

  /** Bytes handed out, rounded up to whole cache lines. */
  get used(): number {
    return this.bytes
  }

  /** The most bytes that one allocation could have now. */
  get largest(): number {
    return this.free.reduce((most, { bytes }) => Math.max(most, bytes), 0)
  }

  /** The address of a new span, or null where there is no room. A span of no bytes still has an address of its own. */
  allocate(bytes: number): number | null {
    const size = Math.max(alignment, alignUp(bytes))
    const index = this.free.findIndex((span) => span.bytes >= size)
    if (index < 0) return null
    const span = this.free[index]!
    const { address } = span
    if (span.bytes === size) this.free.splice(index, 1)
    else {
      span.address += size
      span.bytes -= size
    }
    this.taken.set(address, size)
    this.bytes += size
    return address
  }

  /** Gives back a span by the address it was handed out with. */
  release(address: number): void {
    const bytes = this.taken.get(address)
    if (bytes === undefined) throw new Error(`address ${address} is not allocated`)
    this.taken.delete(address)
    this.bytes -= bytes
    const found = this.free.findIndex((span) => span.address > address)
    const index = found < 0 ? this.free.length : found
    this.free.splice(index, 0, { address, bytes })
    this.join(index)
    if (index > 0) this.join(index - 1)
  }

  private join(index: number): void {
    const [span, next] = [this.free[index]!, this.free[index + 1]]
    if (next === undefined || span.address + span.bytes !== next.address) return
    span.bytes += next.bytes
    this.free.splice(index + 1, 1)
  }
}
