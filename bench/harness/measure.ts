/**
 * Interleaved measurement. On a shared machine a time by itself says little: candidates take turns within each round,
 * and what is reported is the best and the median of the rounds and the ratios inside them.
 */

/** One round of one candidate, in milliseconds per call. CPU time counts all threads of the process. */
export interface Sample {
  readonly best: number
  readonly median: number
  readonly cpu: number
}

/** Something that can be run again and again. */
export interface Candidate {
  readonly name: string
  readonly measure: (calls: number) => Promise<Sample>
}

export interface Summary {
  readonly name: string
  readonly rounds: ReadonlyArray<Sample>
  /** Fastest call of all rounds. */
  readonly best: number
  /** Median over rounds of the rounds' medians. */
  readonly median: number
  /** Least CPU time per call of all rounds. */
  readonly cpu: number
}

export interface RoundOptions {
  readonly rounds: number
  /** How long one candidate's turn should take, in milliseconds. */
  readonly turn: number
}

export const roundsFor = (quick: boolean): RoundOptions => (quick ? { rounds: 3, turn: 20 } : { rounds: 9, turn: 120 })

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Times `calls` calls of `run` in this process. */
export const timeCalls = async (run: () => unknown, calls: number): Promise<Sample> => {
  const times: Array<number> = []
  const before = process.cpuUsage()
  for (let call = 0; call < calls; call++) {
    const start = performance.now()
    const result = run()
    if (result instanceof Promise) await result
    times.push(performance.now() - start)
  }
  const { user, system } = process.cpuUsage(before)
  return { best: Math.min(...times), median: median(times), cpu: (user + system) / 1000 / calls }
}

/** A candidate that runs in this process. Its CPU time includes whatever else this process does meanwhile. */
export const inProcess = (name: string, run: () => unknown): Candidate => ({
  name,
  measure: (calls) => timeCalls(run, calls)
})

/** Lets the candidates take turns; the order rotates from round to round. */
export const interleave = async (
  candidates: ReadonlyArray<Candidate>,
  { rounds, turn }: RoundOptions
): Promise<ReadonlyArray<Summary>> => {
  const calls: Array<number> = []
  for (const candidate of candidates) {
    await candidate.measure(2)
    const { median: once } = await candidate.measure(3)
    calls.push(Math.max(1, Math.min(5000, Math.round(turn / Math.max(once, 1e-3)))))
  }
  const samples: Array<Array<Sample>> = candidates.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < candidates.length; i++) {
      const at = (i + round) % candidates.length
      samples[at]!.push(await candidates[at]!.measure(calls[at]!))
    }
  }
  return candidates.map(({ name }, at) => summarise(name, samples[at]!))
}

const summarise = (name: string, rounds: ReadonlyArray<Sample>): Summary => ({
  name,
  rounds,
  best: Math.min(...rounds.map((sample) => sample.best)),
  median: median(rounds.map((sample) => sample.median)),
  cpu: Math.min(...rounds.map((sample) => sample.cpu))
})

/** How many times faster `ours` is than `other`: the median of the ratios within each round. */
export const speedup = (ours: Summary, other: Summary): number =>
  median(ours.rounds.map((sample, round) => other.rounds[round]!.best / sample.best))

/** The same ratio of CPU time, which other work on the machine disturbs less. */
export const cpuSpeedup = (ours: Summary, other: Summary): number =>
  median(ours.rounds.map((sample, round) => other.rounds[round]!.cpu / sample.cpu))
