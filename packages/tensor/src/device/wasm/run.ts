/** One run: arguments in, results out. */
import type { Data } from "../../graph/node.ts"
import type { Plan, Schedule } from "../../kernel/ir.ts"
import type { DeviceBuffer, DeviceError } from "../device.ts"
import { failure, HeapBuffer, type Machine } from "./machine.ts"
import { shortage } from "./memory-needs.ts"

/** What stays the same from run to run. */
export interface Runnable {
  readonly machine: Machine
  readonly schedule: Schedule
  readonly plan: Plan
  /** Index in the table of addresses per buffer id, or -1. */
  readonly slots: ReadonlyArray<number>
  /** Byte address per constant's buffer id. */
  readonly constants: ReadonlyMap<number, number>
}

export interface Session {
  /** Of inputs and outputs, by their slots. */
  readonly addresses: ReadonlyArray<number>
  /** Copies results out; call it after the kernels have run. */
  readonly results: () => ReadonlyArray<Data | null>
  /** Frees what this run alone needed; call it in any case. */
  readonly close: () => void
}

export const isBuffer = (arg: Data | DeviceBuffer): arg is DeviceBuffer => !ArrayBuffer.isView(arg)

/** Checks the arguments, copies host arrays in and finds places for results; or says what is wrong, with nothing changed. */
export const openSession = (
  { machine, schedule, plan, slots, constants }: Runnable,
  args: ReadonlyArray<Data | DeviceBuffer>,
  into: ReadonlyArray<DeviceBuffer | null>
): Session | DeviceError => {
  const { heap } = machine
  const { buffers, inputs, outputs } = schedule
  if (args.length !== inputs.length) return failure(`expected ${inputs.length} arguments, found ${args.length}`)
  if (into.length !== outputs.length) return failure(`expected ${outputs.length} results, found ${into.length}`)

  const borrowed: Array<number> = []
  const close = (): void => borrowed.splice(0).forEach((address) => heap.release(address))
  const fail = (error: DeviceError): DeviceError => {
    close()
    return error
  }
  const borrow = (bytes: number): number | null => {
    const address = heap.allocate(bytes)
    if (address !== null) borrowed.push(address)
    return address
  }
  const noRoom = (bytes: number): DeviceError =>
    shortage(schedule, bytes, Math.min(heap.largest, heap.limit - heap.used))

  const address = new Map<number, number>(constants)
  const staged = new Map<number, number>()
  for (const [i, id] of inputs.entries()) {
    const arg = args[i]!
    const where = `argument ${i}`
    if (isBuffer(arg)) {
      const wrong = unusable(machine, arg, where, id < 0 ? null : buffers[id]!)
      if (wrong !== null) return fail(wrong)
      if (id >= 0) address.set(id, (arg as HeapBuffer).address!)
    } else if (id >= 0) {
      const { dtype, length } = buffers[id]!
      if (arg.length !== length)
        return fail(failure(`${where} has ${arg.length} elements, the program expects ${length}`))
      const at = borrow(4 * length)
      if (at === null) return fail(noRoom(4 * length))
      heap.write(at, dtype, arg)
      address.set(id, at)
      staged.set(i, at)
    }
  }
  for (const [j, id] of outputs.entries()) {
    const target = into[j]!
    if (target !== null) {
      const wrong = unusable(machine, target, `result ${j}`, buffers[id]!)
      if (wrong !== null) return fail(wrong)
    }
    if (buffers[id]!.role !== "output" || address.has(id)) continue
    const donor = plan.donated[j]!
    const readers = target === null ? [] : args.flatMap((arg, i) => (arg === target ? [i] : []))
    const free = readers.length === 0 || (readers.length === 1 && readers[0] === donor)
    const at =
      target !== null && free
        ? (target as HeapBuffer).address!
        : ((target === null ? staged.get(donor) : undefined) ?? borrow(4 * buffers[id]!.length))
    if (at === null) return fail(noRoom(4 * buffers[id]!.length))
    address.set(id, at)
  }

  const addresses: Array<number> = []
  for (const [id, at] of address) if (slots[id]! >= 0) addresses[slots[id]!] = at

  const results = (): ReadonlyArray<Data | null> => {
    const copies: Array<() => void> = []
    const found = outputs.map((id, j) => {
      const { dtype, length } = buffers[id]!
      const target = into[j]!
      const from = address.get(id)!
      if (target === null) return heap.read(from, dtype, length)
      const to = (target as HeapBuffer).address!
      if (to !== from) {
        const words = heap.read(from, "i32", length)
        copies.push(() => heap.write(to, "i32", words))
      }
      return null
    })
    // Only now, as one result's target may be where another result is handed back from.
    for (const copy of copies) copy()
    return found
  }
  return { addresses, results, close }
}

/** Why a buffer cannot stand for a tensor of the program, or null. */
export const unusable = (
  machine: Machine,
  buffer: DeviceBuffer,
  where: string,
  expected: { readonly dtype: string; readonly length: number } | null
): DeviceError | null => {
  if (!(buffer instanceof HeapBuffer) || buffer.owner !== machine)
    return failure(`${where} is a buffer of another device`)
  if (buffer.address === null) return failure(`${where} is a buffer whose scope has closed`)
  if (expected === null || (buffer.dtype === expected.dtype && buffer.length === expected.length)) return null
  const [found, wanted] = [buffer, expected].map(({ dtype, length }) => `${dtype}[${length}]`)
  return failure(`${where} is ${found}, the program expects ${wanted}`)
}
