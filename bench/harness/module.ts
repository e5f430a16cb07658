/** What `bench/main.ts` expects of `bench/NAME/run.ts`. */

export interface BenchOptions {
  /** Fewer rounds and smaller cases: shows that the benchmark works, not how fast anything is. */
  readonly quick: boolean
  /** Words of the command line the dispatcher did not understand, for the benchmark itself. */
  readonly args: ReadonlyArray<string>
}

/** A line of the table. Columns are shown in the order in which rows first name them. */
export type Row = Readonly<Record<string, string | number>>

export interface BenchOutcome {
  readonly rows: ReadonlyArray<Row>
  /** Sentences printed under the table and kept with it: what was missing, what a column means. */
  readonly notes: ReadonlyArray<string>
}

export interface BenchModule {
  readonly name: string
  readonly run: (options: BenchOptions) => Promise<BenchOutcome>
}
