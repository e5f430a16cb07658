/**
 * The body of a worker thread. It sleeps on a word of the shared memory, wakes to work on a program together with the
 * other workers, and returns to its event loop only to fetch messages.
 */
import { control, reservedBytes, spins } from "./control.ts"
import type { FromWorker, ToWorker } from "./messages.ts"
import { Walker } from "./walk.ts"

interface Port {
  readonly post: (message: FromWorker) => void
  readonly listen: (handle: (message: ToWorker) => void) => void
}

const port = (): Port => {
  const node = globalThis.process?.getBuiltinModule?.("node:worker_threads")?.parentPort
  if (node) return { post: (message) => node.postMessage(message, []), listen: (handle) => node.on("message", handle) }
  const scope = globalThis as unknown as Worker
  return {
    post: (message) => scope.postMessage(message, []),
    listen: (handle) => scope.addEventListener("message", (event: MessageEvent<ToWorker>) => handle(event.data))
  }
}

const { post, listen } = port()

interface Loaded {
  readonly walker: Walker
  /** Whether some piece waits for exactly this many others. */
  readonly opens: ReadonlySet<number>
}

let memory: WebAssembly.Memory
let words: Int32Array
let thread = 0
let read = 0
let seen = 0
const programs = new Map<number, Loaded>()

/** Returns once `word` is no longer `old`: looks for a while, then sleeps. */
const waitWhile = (word: number, old: number, sleepers: number): void => {
  for (let spin = 0; spin < spins; spin++) if (Atomics.load(words, word) !== old) return
  Atomics.add(words, sleepers, 1)
  if (Atomics.load(words, word) === old) Atomics.wait(words, word, old)
  Atomics.sub(words, sleepers, 1)
}

const wake = (word: number, sleepers: number): void => {
  if (Atomics.load(words, sleepers) > 0) Atomics.notify(words, word)
}

/** Takes pieces, in order, as long as there are any. */
const work = ({ walker, opens }: Loaded, base: number): void => {
  const { pieces } = walker
  for (;;) {
    const taken = Atomics.load(words, control.taken)
    const index = (taken - base) | 0
    if (index >= pieces.length) return
    const piece = pieces[index]!
    const done = Atomics.load(words, control.done)
    if (((done - base) | 0) < piece.after) {
      if (Atomics.load(words, control.abort) !== 0) return
      waitWhile(control.done, done, control.waiting)
      continue
    }
    if (Atomics.compareExchange(words, control.taken, taken, (taken + 1) | 0) !== taken) continue
    walker.runPiece(piece)
    const now = (Atomics.add(words, control.done, 1) + 1 - base) | 0
    if (now === pieces.length) post({ kind: "done" })
    if (opens.has(now)) wake(control.done, control.waiting)
  }
}

/** Joins the run that was announced last, unless the next one is being announced already. */
const join = (): void => {
  const announced = Atomics.load(words, control.announced)
  if (announced % 2 === 1) return
  const program = programs.get(Atomics.load(words, control.program))
  if (program === undefined) {
    // Either its mail is still to be read, or the run is over and the program gone.
    if (Atomics.load(words, control.mail) === read) seen = announced
    return
  }
  const base = Atomics.load(words, control.base)
  program.walker.bind(Atomics.load(words, control.arena) >>> 0, words.subarray(control.table))
  // A run that has ended meanwhile has no pieces left, so only what was read must belong together.
  if (Atomics.load(words, control.announced) !== announced) return
  seen = announced
  try {
    work(program, base)
  } catch (error) {
    Atomics.store(words, control.abort, 1)
    Atomics.notify(words, control.done)
    post({ kind: "failed", reason: error instanceof Error ? error.message : String(error) })
  }
}

/** Works until there is mail. */
const serve = (): void => {
  for (;;) {
    const woken = Atomics.load(words, control.wake)
    if (Atomics.load(words, control.mail) !== read) return
    if (Atomics.load(words, control.announced) === seen) waitWhile(control.wake, woken, control.idle)
    else join()
  }
}

listen((message) => {
  switch (message.kind) {
    case "start":
      memory = message.memory
      words = new Int32Array(memory.buffer, 0, reservedBytes / 4)
      thread = message.thread
      break
    case "load": {
      const instance = new WebAssembly.Instance(message.module, { env: { memory } })
      const walker = new Walker(message.program, instance, thread)
      programs.set(message.id, { walker, opens: new Set(walker.pieces.map((piece) => piece.after)) })
      break
    }
    case "unload":
      programs.delete(message.id)
      break
  }
  read++
  serve()
})
