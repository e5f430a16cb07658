/** Runs cells that have no result: each goes on in the folder that it shares with others of its bed and seed. */
import { Wasm } from "@noema/tensor"
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { Pipeline } from "@noema/atp"
import { type Cell, digestOf, folderOf, idOf, pipelineOf } from "./cell.ts"
import { type Measured, measuredOf } from "./measured.ts"
import { watchedOf } from "./watched.ts"

/** The digests of cells by name. */
export const digestsOf = (cells: ReadonlyArray<Cell>): Promise<ReadonlyMap<string, string>> =>
  Effect.runPromise(
    Effect.map(
      Effect.forEach(cells, (cell) => Effect.map(digestOf(cell), (digest) => [idOf(cell), digest] as const)),
      (digests) => new Map(digests)
    )
  )

/** Runs a cell in a folder below `runs`, and gives what was measured. */
export const runCell = (
  cell: Cell,
  { runs, told }: { readonly runs: string; readonly told: (line: string) => void }
): Effect.Effect<Measured, { readonly message: string }> =>
  Effect.gen(function* () {
    const begun = performance.now()
    let [first, last] = [0, 0]
    const folder = `${runs}/${folderOf(cell)}`
    const outcome = yield* pipelineOf(cell).into(folder, {
      listen: (stage, { of, update }) =>
        Effect.sync(() => {
          if (stage === cell.method) last = performance.now()
          if (stage === cell.method && update === 1) first = last
          if (update % 100 === 0 || update === of) told(`${stage} ${update} of ${of}`)
        })
    })
    const stages = Object.keys(yield* Pipeline.digests(pipelineOf(cell)))
    const metrics = yield* (yield* FileSystem.FileSystem).readFileString(`${folder}/metrics.jsonl`)
    return measuredOf(
      {
        cell: idOf(cell),
        digest: yield* digestOf(cell),
        seconds: (performance.now() - begun) / 1000,
        // Of a stage that was begun before it is not known.
        training: first === 0 ? 0 : (last - first) / 1000,
        watched: watchedOf(metrics, stages)
      },
      outcome.evaluations.at(-1)!,
      outcome.passes.at(-1) ?? null
    )
  }).pipe(Effect.provide(NodeFileSystem.layer), Effect.provide(Wasm.layer()))
