/** No order in which processes come, go and are killed lets two of them into one folder. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import fc from "fast-check"
import { expect, test } from "vitest"
import { encodeHolder, type Holder } from "../../../packages/atp/src/run/holder.ts"
import { lockAs } from "../../../packages/atp/src/run/lock.ts"
import { Disk, fileSystemOf } from "./memory.ts"

const folder = "run"
const holder = (token: string): Holder => ({ host: "h", boot: "b", space: "s", pid: 1, start: "1", token })
const left = (disk: Disk, name: string, text: string) => disk.names.set(`${folder}/${name}`, disk.node(text))

/** What is there before anyone comes. */
const states: Readonly<Record<string, (disk: Disk) => void>> = {
  fresh: () => {},
  stale: (disk) => left(disk, "lock", encodeHolder(holder("dead"))),
  empty: (disk) => left(disk, "lock", ""),
  "stale, as is its successor": (disk) => {
    left(disk, "lock", encodeHolder(holder("dead")))
    left(disk, "lock.dead.next", encodeHolder(holder("gone")))
  }
}

interface Race {
  /** Which of those who wait makes the next step, again and again. */
  readonly order: ReadonlyArray<number>
  /** Steps before which whoever is next is killed instead. */
  readonly kills: ReadonlyArray<number>
  readonly processes: number
}

/** Runs processes that each enter the folder twice, if they can. Gives how often one was inside, and was not alone. */
const raced = async (state: (disk: Disk) => void, { kills, order, processes }: Race) => {
  const disk = new Disk()
  state(disk)
  const dead = new Set(["dead", "gone"])
  const inside = new Set<number>()
  const waiting = new Map<number, () => void>()
  let [entered, crowded, running] = [0, 0, processes]
  const current = new Map<number, string>()

  const process = (id: number) => {
    const turn = Effect.callback<void>((resume) => {
      waiting.set(id, () => resume(Effect.void))
    })
    let attempt = 0
    const processes = {
      here: Effect.sync(() => {
        current.set(id, `p${id}-${attempt++}`)
        return holder(current.get(id)!)
      }),
      lifeOf: ({ token }: Holder) => Effect.map(turn, () => (dead.has(token) ? ("gone" as const) : ("alive" as const)))
    }
    const once = Effect.gen(function* () {
      yield* lockAs(folder, processes)
      entered++
      inside.add(id)
      if (inside.size > 1) crowded++
      yield* turn
      yield* turn
      inside.delete(id)
    }).pipe(Effect.scoped, Effect.exit)
    return Effect.andThen(once, once).pipe(
      Effect.provideService(FileSystem.FileSystem, fileSystemOf(disk, turn)),
      Effect.ensuring(Effect.sync(() => running--))
    )
  }
  const fibers = Array.from({ length: processes }, (_, id) => Effect.runFork(process(id)))
  for (let step = 0; running > 0; step++) {
    // Whoever was let go has come to its next step once the loop is back here.
    while (waiting.size < running) await new Promise((resolve) => setImmediate(resolve))
    const ids = [...waiting.keys()]
    const id = ids[(order[step % order.length] ?? 0) % ids.length]!
    const go = waiting.get(id)!
    waiting.delete(id)
    if (kills.includes(step)) {
      dead.add(current.get(id) ?? "")
      inside.delete(id)
      running--
    } else go()
  }
  for (const fiber of fibers)
    if (fiber.pollUnsafe() !== undefined) expect(Exit.isSuccess(await Effect.runPromise(Fiber.await(fiber)))).toBe(true)
  return { entered, crowded, names: [...disk.names.keys()] }
}

const race = fc.record({
  order: fc.array(fc.nat(5), { minLength: 1, maxLength: 60 }),
  kills: fc.uniqueArray(fc.nat(60), { maxLength: 2 }),
  processes: fc.integer({ min: 2, max: 4 })
})

test.each(Object.entries(states))(
  "where the lock is %s, one enters and never two at a time",
  async (_, state) => {
    await fc.assert(
      fc.asyncProperty(race, async (race) => {
        const { crowded, entered, names } = await raced(state, race)
        expect(crowded).toBe(0)
        if (race.kills.length > 0) return
        expect(entered).toBeGreaterThan(0)
        expect(names).toEqual([])
      }),
      { numRuns: 200 }
    )
  },
  60_000
)
