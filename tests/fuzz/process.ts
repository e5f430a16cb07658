/**
 * The part of the fuzzer that runs programs, in a process of its own, so that one that never ends or takes the process
 * with it costs one program. Started by `main.ts`, which it tells what it does.
 */
import {
  closed,
  described,
  type Found,
  nothing,
  type Opened,
  opened,
  signature,
  type Tally,
  tried
} from "./campaign.ts"
import { corpus } from "./corpus/corpus.ts"
import { chosen } from "./devices.ts"
import { onDevice, oracleOf } from "./examine.ts"

/** What to do: programs from `from` on, until `programs` are tried or the time has come. */
export interface Order {
  readonly seed: number
  readonly from: number
  readonly programs: number
  /** As `Date.now()` has it. */
  readonly until: number
  readonly devices: ReadonlyArray<string>
}

/** What is done, and what came of it. */
export type Word =
  | { readonly kind: "devices"; readonly names: ReadonlyArray<string>; readonly absent: ReadonlyArray<string> }
  | { readonly kind: "at"; readonly index: number; readonly on: string }
  | { readonly kind: "found"; readonly signature: string; readonly text: string }
  | { readonly kind: "tally"; readonly tally: Tally }

const say = (word: Word): void => void process.send!(word)

const report = (found: Found, seed: number): void =>
  say({ kind: "found", signature: signature(found), text: described(found, seed) })

/** What was found before, on devices that the tests may not have. */
const corpusOn = async (open: ReadonlyArray<Opened>): Promise<void> => {
  for (const { subject, title } of corpus)
    for (const { device, runtime } of open) {
      const { fault } = await onDevice(subject, oracleOf(subject), device, runtime)
      const text = `again on ${device.name}: ${title}`
      if (fault !== null) say({ kind: "found", signature: text, text: `${text}: ${fault.kind}: ${fault.what}` })
    }
}

const carriedOut = async ({ devices, from, programs, seed, until }: Order): Promise<void> => {
  const choice = await chosen(devices)
  say({ kind: "devices", names: choice.devices.map(({ name }) => name), absent: choice.absent })
  const open = opened(choice.devices)
  const before = (index: number, on: string): void => say({ kind: "at", index, on })
  if (from === 0) await corpusOn(open)
  for (let index = from; index < from + programs && Date.now() < until; index++) {
    const tally = nothing()
    for (const found of await tried(index, { seed, devices: open, before }, tally)) report(found, seed)
    say({ kind: "tally", tally })
  }
  await closed(open)
}

// Whoever started it is gone, or it is done.
process.on("disconnect", () => process.exit())

process.once("message", (order) => {
  void carriedOut(order as Order).then(
    () => process.disconnect(),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    }
  )
})
