/** From a graph to a program that runs on this machine. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { emitModule } from "../../emit/wasm/index.ts"
import { debug } from "../../graph/debug.ts"
import type { Data, Graph } from "../../graph/node.ts"
import { lower, plan as planMemory, printPlan, printSchedule, wasmOptions } from "../../kernel/index.ts"
import type { Schedule } from "../../kernel/ir.ts"
import type { CompileOptions, DeviceBuffer, DeviceError, Executable } from "../device.ts"
import { alignUp } from "./allocator.ts"
import { tableLength } from "./control.ts"
import { layoutArena, link, scheduleCost } from "./link.ts"
import { failure, type Machine } from "./machine.ts"
import { memoryNeeds, shortage, tooLarge } from "./memory-needs.ts"
import { printModule } from "./print-module.ts"
import { openSession } from "./run.ts"
import { Walker } from "./walk.ts"

/** Where the main thread has to run a long program itself, it gives others a turn after this many milliseconds. */
const patience = 10

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Compiles a graph. Programs that are long enough run on the workers while the main thread is free; short ones run on
 * the main thread at once, as waking a worker would take longer.
 */
export const compileGraph = Effect.fnUntraced(function* (
  machine: Machine,
  graph: Graph,
  donate: CompileOptions["donate"] = []
): Effect.fn.Return<Executable, DeviceError, Scope.Scope> {
  const { heap, tier } = machine
  const schedule = lower(graph, wasmOptions, donate)
  const plan = planMemory(schedule, donate)
  debug("kernels", () => printSchedule(schedule))
  debug("plan", () => printPlan(schedule, plan))
  const short = schedule.steps.length === 0 || scheduleCost(schedule, tier) < machine.worth.aWorker
  const pool = short ? null : machine.pool
  const threads = pool === null ? 1 : machine.threads
  const { bytes, kernels } = emitModule(schedule.steps, { tier, shared: heap.shared })
  debug("source", () => printModule(bytes, kernels))
  const arena = layoutArena(plan, kernels.values(), threads)
  const needs = memoryNeeds(schedule, plan, arena.bytes)
  const never = tooLarge(machine, schedule, needs)
  if (never !== null) return yield* never

  const module = yield* Effect.tryPromise({
    try: () => WebAssembly.compile(bytes),
    catch: (error) => failure(`the engine refused the program: ${reason(error)}`)
  })
  const id = machine.nextProgram()
  const turn = machine.turn.withPermits(1)
  const constants = yield* Effect.acquireRelease(
    Effect.suspend(() => {
      const taken = takeMemory(machine, id, schedule, arena.bytes)
      return taken === null
        ? Effect.fail(shortage(schedule, arena.bytes + needs.constants, heap.largest))
        : Effect.succeed(taken)
    }).pipe(turn),
    (addresses) =>
      Effect.sync(() => {
        machine.leaveArena(id)
        for (const address of addresses.values()) heap.release(address)
      }).pipe(turn)
  )
  const { program, slots } = link(schedule, plan, kernels, constants, arena, machine, threads)
  if (slots.filter((slot) => slot >= 0).length > tableLength)
    return yield* failure(`a program may have ${tableLength} inputs and outputs`)

  let runKernels: (addresses: ReadonlyArray<number>) => void | Promise<void>
  if (pool === null) {
    const instance = new WebAssembly.Instance(module, { env: { memory: heap.memory } })
    const walker = new Walker(program, instance, 0)
    runKernels = (addresses) => {
      walker.bind(machine.arenaAddress, addresses)
      if (machine.pool === null) return inTurns(walker)
      walker.pieces.forEach((piece) => walker.runPiece(piece))
    }
  } else {
    yield* Effect.acquireRelease(
      Effect.sync(() => pool.load(id, module, program)),
      () => Effect.sync(() => pool.unload(id)).pipe(turn)
    )
    runKernels = (addresses) => pool.run(id, machine.arenaAddress, addresses)
  }

  const run = (
    args: ReadonlyArray<Data | DeviceBuffer>,
    into: ReadonlyArray<DeviceBuffer | null>
  ): Effect.Effect<ReadonlyArray<Data | null>, DeviceError> =>
    Effect.suspend(() => {
      const session = openSession({ machine, schedule, plan, slots, constants }, args, into)
      if ("_tag" in session) return Effect.fail(session)
      const done = () => Effect.sync(session.results)
      return Effect.try({ try: () => runKernels(session.addresses), catch: (error) => failure(reason(error)) }).pipe(
        Effect.flatMap((pending) =>
          pending === undefined
            ? done()
            : Effect.tryPromise({ try: () => pending, catch: (error) => failure(reason(error)) }).pipe(
                Effect.flatMap(done)
              )
        ),
        Effect.ensuring(Effect.sync(session.close))
      )
    }).pipe(Effect.uninterruptible, turn)

  return {
    plannedBytes: needs.arena + needs.constants + needs.outputs,
    kernels: { run: schedule.steps.length, compiled: kernels.size },
    run
  }
})

/** Room for the arena and for the constants, with the constants in it: their addresses, or null with nothing taken. */
const takeMemory = (
  machine: Machine,
  program: number,
  { buffers }: Schedule,
  arenaBytes: number
): ReadonlyMap<number, number> | null => {
  const { heap } = machine
  const addresses = new Map<number, number>()
  const giveBack = (): null => {
    for (const address of addresses.values()) heap.release(address)
    return null
  }
  for (const { id, role, dtype, length, data } of buffers) {
    if (role !== "constant") continue
    const address = heap.allocate(alignUp(4 * length))
    if (address === null) return giveBack()
    heap.write(address, dtype, data!)
    addresses.set(id, address)
  }
  return machine.joinArena(program, arenaBytes) ? addresses : giveBack()
}

/** All calls of a program on this thread, with pauses in which others may run. */
const inTurns = async (walker: Walker): Promise<void> => {
  let since = performance.now()
  for (let i = 0; i < walker.length; i++) {
    walker.runCall(i)
    if (performance.now() - since < patience) continue
    await new Promise((resolve) => setTimeout(resolve))
    since = performance.now()
  }
}
