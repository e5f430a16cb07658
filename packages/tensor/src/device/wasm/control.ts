/**
 * The first part of the memory: words through which the main thread and the workers talk, each on a cache line of its
 * own, and the table of addresses that change from run to run.
 */
export const reservedBytes = 2 ** 20

/** Indices of 32-bit words. */
export const control = {
  /** Grows whenever there is something new for the workers; idle ones sleep on it. */
  wake: 0,
  /** Workers asleep on `wake`. */
  idle: 16,
  /** Messages posted to every worker so far. */
  mail: 32,
  /** Grows by one before and by one after a run is announced: odd while the words of the run are being written. */
  announced: 48,
  /** The run: its program, where the arena lies, and the value of `taken` and `done` at its start. */
  program: 64,
  arena: 80,
  base: 96,
  /** Pieces of work that a thread has taken, and pieces that are done, since the workers were started. */
  taken: 112,
  done: 128,
  /** Workers asleep on `done`. */
  waiting: 144,
  /** Not zero: give up the current run. */
  abort: 160,
  /** First word of the table of addresses. */
  table: 1024
} as const

/** Addresses that fit into the table. */
export const tableLength = reservedBytes / 4 - control.table

/** Looks at a word this often before going to sleep: some tens of microseconds. */
export const spins = 5000
