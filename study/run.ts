/** Runs cells that have no result: each goes on in the folder that it shares with others of its bed and seed. */
import { Wasm } from "@noema/tensor"
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as Effect from "effect/Effect"
import { type Cell, digestOf, folderOf, idOf, pipelineOf } from "./cell.ts"
import { type Measured, measuredOf } from "./measured.ts"

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
    const outcome = yield* pipelineOf(cell).into(`${runs}/${folderOf(cell)}`, {
      listen: (stage, { of, update }) =>
        Effect.sync(() => (update % 100 === 0 || update === of ? told(`${stage} ${update} of ${of}`) : undefined))
    })
    return measuredOf(
      { cell: idOf(cell), digest: yield* digestOf(cell), seconds: (performance.now() - begun) / 1000 },
      outcome.evaluations.at(-1)!,
      outcome.passes.at(-1) ?? null
    )
  }).pipe(Effect.provide(NodeFileSystem.layer), Effect.provide(Wasm.layer()))
