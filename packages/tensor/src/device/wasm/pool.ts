/** The worker threads of a device, and the programs they know. */
import { control, reservedBytes } from "./control.ts"
import type { FromWorker } from "./messages.ts"
import { startThread, type Thread } from "./thread.ts"
import type { Program } from "./walk.ts"

interface Loaded {
  readonly module: WebAssembly.Module
  readonly program: Program
}

interface Crew {
  readonly threads: ReadonlyArray<Thread>
  /** Why it cannot work any more. */
  dead: string | null
}

/**
 * Runs programs on all workers together. Workers start with the first program; when one dies the run fails, the others
 * are stopped, and the next run starts new ones.
 */
export class Pool {
  readonly size: number
  private readonly memory: WebAssembly.Memory
  private readonly workerUrl: URL | string | undefined
  private readonly words: Int32Array
  private readonly programs = new Map<number, Loaded>()
  private crew: Crew | null = null
  private stopping: Promise<unknown> = Promise.resolve()
  private settle: { readonly resolve: () => void; readonly reject: (reason: Error) => void } | null = null

  constructor(memory: WebAssembly.Memory, size: number, workerUrl?: URL | string) {
    this.memory = memory
    this.size = size
    this.workerUrl = workerUrl
    this.words = new Int32Array(memory.buffer, 0, reservedBytes / 4)
  }

  load(id: number, module: WebAssembly.Module, program: Program): void {
    this.programs.set(id, { module, program })
    if (this.crew === null) void this.ready()
    else this.mail(this.crew, (thread) => thread.post({ kind: "load", id, module, program }))
  }

  unload(id: number): void {
    this.programs.delete(id)
    if (this.crew !== null) this.mail(this.crew, (thread) => thread.post({ kind: "unload", id }))
  }

  /** One run at a time, with the arena and the addresses of the table where they are now. */
  async run(id: number, arena: number, addresses: ReadonlyArray<number>): Promise<void> {
    const { words } = this
    const crew = await this.ready()
    // It may have died before anyone waited for it.
    if (crew.dead !== null) throw new Error(crew.dead)
    const table = words.subarray(control.table)
    Atomics.add(words, control.announced, 1)
    addresses.forEach((address, index) => (table[index] = address))
    await new Promise<void>((resolve, reject) => {
      this.settle = { resolve, reject }
      for (const thread of crew.threads) thread.hold(true)
      Atomics.store(words, control.program, id)
      Atomics.store(words, control.arena, arena)
      Atomics.store(words, control.base, Atomics.load(words, control.taken))
      Atomics.add(words, control.announced, 1)
      this.wake()
    }).finally(() => {
      this.settle = null
      for (const thread of crew.threads) thread.hold(false)
    })
  }

  /** Stops all workers. A later run starts new ones. */
  async stop(): Promise<void> {
    const crew = this.crew
    if (crew === null) return
    crew.dead = "it was stopped"
    await this.end(crew)
  }

  private async ready(): Promise<Crew> {
    await this.stopping
    return (this.crew ??= this.start())
  }

  /** The words of the memory belong to the old crew until the last of it has stopped. */
  private end(crew: Crew): Promise<unknown> {
    if (this.crew === crew) this.crew = null
    this.stopping = Promise.all(crew.threads.map((thread) => thread.terminate()))
    return this.stopping
  }

  private start(): Crew {
    for (const word of Object.values(control)) if (word !== control.table) Atomics.store(this.words, word, 0)
    const threads: Array<Thread> = []
    const crew: Crew = { threads, dead: null }
    for (let index = 0; index < this.size; index++) {
      const onMessage = (message: FromWorker): void => {
        if (crew.dead !== null) return
        if (message.kind === "done") this.settle?.resolve()
        else void this.fail(crew, `worker ${index} failed in ${message.reason}`)
      }
      const onDeath = (reason: string): void => void this.fail(crew, `worker ${index} died: ${reason}`)
      threads.push(startThread({ onMessage, onDeath }, this.workerUrl))
    }
    this.mail(crew, (thread, index) => thread.post({ kind: "start", memory: this.memory, thread: index }))
    for (const [id, { module, program }] of this.programs)
      this.mail(crew, (thread) => thread.post({ kind: "load", id, module, program }))
    return crew
  }

  private async fail(crew: Crew, reason: string): Promise<void> {
    if (crew.dead !== null) return
    crew.dead = reason
    const failed = this.settle
    await this.end(crew)
    failed?.reject(new Error(reason))
  }

  /** Counted before it is posted: a worker that sees less mail than it has read would wait for it for ever. */
  private mail(crew: Crew, post: (thread: Thread, index: number) => void): void {
    Atomics.add(this.words, control.mail, 1)
    crew.threads.forEach(post)
    this.wake()
  }

  private wake(): void {
    Atomics.add(this.words, control.wake, 1)
    if (Atomics.load(this.words, control.idle) > 0) Atomics.notify(this.words, control.wake)
  }
}
