/** Claims, how they are judged, and that their page says what the results say. */
import { Methods } from "@noema/atp"
import fc from "fast-check"
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { type Cell, folderOf, idOf, minutesOf } from "../../study/cell.ts"
import { claims } from "../../study/claims.ts"
import { familyBeds, familyCells, familyPage, tableCells } from "../../study/family.ts"
import { at, cellsOf, type Claim, judge, more, over, seeds } from "../../study/judge.ts"
import type { Measured } from "../../study/measured.ts"
import { allCells, page } from "../../study/page.ts"
import { recombined } from "../../study/recombined.ts"
import { current, readResults, writeResult } from "../../study/results.ts"
import { digestsOf } from "../../study/run.ts"
import { unjudged } from "../../study/unjudged.ts"
import { verified } from "../../study/verified.ts"
import { watchedOf } from "../../study/watched.ts"

const measured = (cell: Cell, accuracy: number): Measured => ({
  cell: idOf(cell),
  digest: "0",
  date: "2026-01-01",
  seconds: 60,
  training: 40,
  problems: 10,
  chance: 0.1,
  accuracy,
  right: "0".repeat(10),
  tokens: 5,
  adaptivity: 0,
  coherence: 0,
  validity: 0,
  whole: 0,
  steps: [],
  passes: [],
  tells: [],
  watched: {},
  card: null
})

const [one, other] = [at("atp-latent"), at("sim-cot")]
const claim = (tests: Claim["tests"]): Claim => ({ id: "it", sentence: "It is so.", source: "a test", tests })
/** Cells of one have 0.5 and so much more; those of the other 0.5. */
const by = (figures: ReadonlyArray<number>) => (cell: Cell) =>
  measured(cell, 0.5 + (cell.method === "atp-latent" ? figures[cell.seed - 1]! : 0))
const verdict = (figures: ReadonlyArray<number>, tests = [more("one against the other", one, other)]) =>
  judge(claim(tests), by(figures)).verdict

test("a claim is supported, not supported or undecided as its interval over seeds lies", () => {
  expect(verdict([0.1, 0.11, 0.12])).toBe("supported")
  expect(verdict([-0.1, -0.11, -0.12])).toBe("not supported")
  expect(verdict([0.1, 0.2, -0.1])).toBe("undecided")
  expect(judge(claim([over("accuracy", one, ({ accuracy }) => accuracy, 0.9)]), by([0.1, 0.11, 0.1])).evidence).toBe(
    "accuracy: 60.3 % (58.9 to 61.8, to be above 90.0 %)"
  )
})

test("what speaks for a claim the other way round speaks against it", () => {
  const figure = fc.double({ min: -0.4, max: 0.4, noNaN: true })
  const opposite = { supported: "not supported", "not supported": "supported", undecided: "undecided" } as const
  fc.assert(
    fc.property(fc.tuple(figure, figure, figure), (figures) => {
      const found = verdict(figures)
      expect(verdict(figures.map((value) => -value))).toBe(opposite[found as keyof typeof opposite])
      if (found === "supported") expect(figures.reduce((sum, value) => sum + value, 0)).toBeGreaterThan(0)
    })
  )
})

test("a claim of several tests is as its worst, and not run where a cell is missing", () => {
  const forth = more("forth", one, other)
  expect(verdict([0.1, 0.1, 0.1], [forth, more("back", other, one)])).toBe("not supported")
  const some = (cell: Cell) => (cell.seed === 3 ? null : by([0.1, 0.1, 0.1])(cell))
  expect(judge(claim([forth]), some)).toEqual({
    verdict: "not run",
    evidence: "forth: +10.0 points on seed 1, +10.0 points on seed 2, 2 of 6 cells were not run"
  })
  expect(judge(claim([forth]), () => null).evidence).toBe("forth: 6 of 6 cells were not run")
})

test("every claim has a name and a sentence of its own and cells of all seeds, and each page takes at most 8 hours", () => {
  const all = [...claims, ...verified]
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  expect(new Set(all.map(({ sentence }) => sentence)).size).toBe(all.length)
  for (const each of all)
    for (const seed of seeds) expect(cellsOf(each).filter((cell) => cell.seed === seed).length).toBeGreaterThan(0)
  for (const cells of [allCells(claims), familyCells()])
    expect(cells.reduce((sum, cell) => sum + minutesOf(cell), 0)).toBeLessThan(8 * 60)
})

test("of every paper that a method is from, something is judged, or it is said why not", () => {
  const said = [...claims, ...verified].map(({ source }) => source).concat(unjudged.map(([says]) => says))
  // What others are compared with.
  const compared = ["arXiv 2201.11903", "arXiv 2402.03300"]
  for (const { source } of Object.values(Methods.methods)) {
    const number = source?.paper?.match(/\d{4}\.\d{5}/)?.[0]
    if (number !== undefined && !compared.includes(`arXiv ${number}`))
      expect(said.some((each) => each.includes(number)) ? "" : number).toBe("")
  }
  for (const { source } of verified) expect(source).toMatch(/^[\w-]+( \w+)? \(arXiv \d{4}\.\d{5}\)$/)
})

test("a cell is what it is made of: no two have one digest, and a result of another digest is none", async () => {
  const cells = [...new Map([...allCells(claims), ...familyCells()].map((cell) => [idOf(cell), cell])).values()]
  const digests = await digestsOf(cells)
  expect(new Set(digests.values()).size).toBe(cells.length)
  expect(await digestsOf(cells.slice(0, 2))).toEqual(new Map([...digests].slice(0, 2)))
  const [cell] = cells
  const result = { ...measured(cell!, 0.5), digest: digests.get(idOf(cell!))! }
  expect(current(new Map([[result.cell, result]]), digests)(cell!)).toBe(result)
  expect(current(new Map([[result.cell, { ...result, digest: "changed" }]]), digests)(cell!)).toBeNull()
  expect(folderOf(cell!)).toMatch(/^[a-z]+-1-[0-9a-f]{8}$/)
})

test("results are read as they were written; what is none is named", () => {
  const folder = mkdtempSync(join(tmpdir(), "noema-study-"))
  const result = measured(one(1), 0.7)
  writeResult(result, folder)
  expect(readResults(folder)).toEqual(new Map([[result.cell, result]]))
  writeFileSync(join(folder, "spoilt.json"), '{"cell": "it"}')
  expect(() => readResults(folder)).toThrow(/spoilt\.json is not the result of a cell/)
})

test("docs/family.md says what the results say, and has cells of every method on every bed and seed where there is something to learn from", async () => {
  const [cells, rows] = [familyCells(), tableCells()]
  expect(new Set(cells.map(idOf)).size).toBe(cells.length)
  const left = ["walk.cdpo"]
  const kinds = familyBeds.flatMap((bed) => Methods.methodNames.map((method) => `${bed}.${method}`))
  expect(new Set(rows.map(({ bed, method }) => `${bed}.${method}`))).toEqual(
    new Set(kinds.filter((kind) => !left.includes(kind)))
  )
  expect(rows.length).toBe(seeds.length * (kinds.length - left.length))
  const written = readFileSync(new URL("../../docs/family.md", import.meta.url), "utf8")
  expect(written).toBe(familyPage(current(readResults(), await digestsOf(cells))))
})

test("a recombination stands beside the cell that it differs from, of the same bed and seed", () => {
  for (const { beside, cell } of recombined) {
    expect([cell.bed, cell.seed]).toEqual([beside.bed, beside.seed])
    expect(idOf(cell)).not.toBe(idOf(beside))
  }
  const [first] = recombined
  const line = (accuracy: number | null) =>
    familyPage((cell) => (accuracy !== null && idOf(cell) === idOf(first!.cell) ? measured(cell, accuracy) : null))
      .split("\n")
      .find((each) => each.includes(`\`${idOf(first!.cell)}\``))!
  expect(line(null)).toContain("| not run |")
  expect(line(0.625)).toContain("| 62.5 | 5.0 |")
})

test("latents whose answers are right and hardly ever the donor's are decoration in the family's table", () => {
  const card = { zeroed: 0.1, mean: 0.1, swapped: 0.7, donor: 0.03, lastOnly: 0.7, noise: 0.7, follows: null }
  const method = Methods.methodNames.indexOf("coconut")
  expect(method).toBeGreaterThanOrEqual(0)
  const rowOf = (donor: number, accuracy: number) =>
    familyPage((cell) =>
      cell.method === "coconut" && cell.bed === "arithmetic"
        ? { ...measured(cell, accuracy), card: { ...card, donor } }
        : null
    )
      .split("\n")
      .find((line) => line.startsWith("| `coconut` |"))!
  expect(rowOf(0.03, 0.78)).toContain("| decoration |")
  expect(rowOf(0.7, 0.78)).toContain("| used |")
  expect(rowOf(0.03, 0.12)).toContain("| at chance |")
})

test("what training watched is the mean of its last tenth, of the stages that a cell is made of and of what is kept", () => {
  const line = (stage: string, update: number, alive: number) =>
    JSON.stringify({ stage, update, of: 20, figures: { alive, norm: 1 } })
  const all = [
    line("one", 18, 9),
    line("one", 19, 1),
    line("one", 20, 2),
    line("other", 20, 7),
    '{"event":"begun"}',
    ""
  ]
  expect(watchedOf(all.join("\n"), ["one"])).toEqual({ alive: 1.5 })
  expect(watchedOf(all.join("\n"), ["none"])).toEqual({})
})

test("docs/study.md says what the results say", async () => {
  const written = readFileSync(new URL("../../docs/study.md", import.meta.url), "utf8")
  const digests = await digestsOf(allCells(claims))
  expect(written).toBe(page(claims, current(readResults(), digests)))
})
