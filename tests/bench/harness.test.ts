import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { behind } from "../../bench/harness/behind.ts"
import { fill, gemmFlops, gemmLabel, stepParameters } from "../../bench/harness/cases.ts"
import { document, readResults } from "../../bench/harness/document.ts"
import { interleave, median, speedup } from "../../bench/harness/measure.ts"
import type { Sample, Summary } from "../../bench/harness/measure.ts"
import { startPeer } from "../../bench/harness/peers.ts"
import { isAbsent, startProcess } from "../../bench/harness/process.ts"
import { table } from "../../bench/harness/table.ts"

const sample = (ms: number): Sample => ({ best: ms, median: ms, cpu: ms })

const summary = (name: string, times: ReadonlyArray<number>): Summary => ({
  name,
  rounds: times.map(sample),
  best: Math.min(...times),
  median: median(times),
  cpu: Math.min(...times)
})

const time = fc.double({ min: 1e-3, max: 1e3, noNaN: true })

describe("measuring", () => {
  it("lets candidates take turns, each once a round", async () => {
    const turns: Array<string> = []
    const candidate = (name: string) => ({
      name,
      measure: async (calls: number) => {
        turns.push(name)
        return sample(calls)
      }
    })
    const summaries = await interleave(["a", "b", "c"].map(candidate), { rounds: 5, turn: 1 })
    const rounds = turns.slice(-15)
    for (let round = 0; round < 5; round++) {
      expect(rounds.slice(3 * round, 3 * round + 3).toSorted()).toEqual(["a", "b", "c"])
    }
    expect(summaries.map(({ name, rounds }) => [name, rounds.length])).toEqual([
      ["a", 5],
      ["b", 5],
      ["c", 5]
    ])
  })

  it("a median lies between as many values below as above", () => {
    fc.assert(
      fc.property(fc.array(time, { minLength: 1 }), (times) => {
        const middle = median(times)
        const below = times.filter((t) => t <= middle).length
        const above = times.filter((t) => t >= middle).length
        expect(Math.min(below, above) * 2).toBeGreaterThanOrEqual(times.length)
      })
    )
  })

  it("a slowdown that hits a whole round leaves ratios as they are", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(time, time), { minLength: 1 }),
        fc.array(time, { minLength: 1 }),
        (pairs, loads) => {
          const load = (round: number) => loads[round % loads.length]!
          const calm = speedup(
            summary(
              "ours",
              pairs.map(([ours]) => ours)
            ),
            summary(
              "other",
              pairs.map(([, other]) => other)
            )
          )
          const busy = speedup(
            summary(
              "ours",
              pairs.map(([ours], round) => ours * load(round))
            ),
            summary(
              "other",
              pairs.map(([, other], round) => other * load(round))
            )
          )
          expect(busy / calm).toBeCloseTo(1, 9)
        }
      )
    )
  })
})

describe("processes that measure themselves", () => {
  it("runs plain loops as a peer and checks what they compute", async () => {
    const peer = await startPeer("loops")
    if (isAbsent(peer)) throw new Error(peer.absent)
    const gemm = { kind: "gemm", batch: 2, m: 3, n: 5, k: 4, transposeA: false, transposeB: true } as const
    const [a, b] = [fill(24, 0), fill(40, 1)]
    let sum = 0
    for (let z = 0; z < 2; z++)
      for (let i = 0; i < 3; i++)
        for (let j = 0; j < 5; j++) {
          let cell = 0
          for (let l = 0; l < 4; l++) cell += a[z * 12 + i * 4 + l]! * b[z * 20 + j * 4 + l]!
          sum += Math.abs(cell)
        }
    const prepared = await peer.prepare(gemm)
    if (isAbsent(prepared)) throw new Error(prepared.absent)
    expect(prepared.meanAbs).toBeCloseTo(sum / 30, 6)
    const measured = await prepared.measure(4)
    expect(measured.best).toBeGreaterThan(0)
    expect(measured.median).toBeGreaterThanOrEqual(measured.best)
    const step = { kind: "step", d: 8, layers: 1, heads: 1, ff: 8, vocab: 4, batch: 1, seq: 2 } as const
    expect(await peer.prepare(step)).toEqual({ name: "loops", absent: "no plain loops for step" })
    peer.close()
  })

  it("says why a peer is not there", async () => {
    const dead = {
      name: "dead",
      command: process.execPath,
      args: ["-e", "console.error('no licence'); process.exit(3)"]
    }
    expect(await startProcess(dead)).toEqual({ name: "dead", absent: "ended with status 3: no licence" })
    const none = await startProcess({ name: "none", command: "no-such-command", args: [] })
    expect(none).toEqual({ name: "none", absent: "spawn no-such-command ENOENT" })
  })
})

describe("cases", () => {
  it("counts and names products", () => {
    const product = { kind: "gemm", batch: 256, m: 48, n: 32, k: 16, transposeA: true, transposeB: false } as const
    expect(gemmFlops(product)).toBe(2 * 256 * 48 * 32 * 16)
    expect(gemmLabel(product)).toBe("256 x 48x32x16 A^T")
  })

  it("the step has the parameters of a Llama-like decoder", () => {
    const step = { kind: "step", d: 128, layers: 4, heads: 4, ff: 352, vocab: 64, batch: 64, seq: 48 } as const
    const numbers = stepParameters(step).map(({ sizes, data }) => [sizes.reduce((x, y) => x * y, 1), data.length])
    for (const [product, length] of numbers) expect(length).toBe(product)
    expect(numbers.reduce((sum, [n]) => sum + n!, 0)).toBe(820_352)
  })
})

describe("tables", () => {
  it("align columns whatever is in them", () => {
    const word = fc.stringMatching(/^[a-z]{1,12}$/)
    fc.assert(
      fc.property(fc.array(fc.record({ name: word, ms: time }), { minLength: 1, maxLength: 6 }), (rows) => {
        const lines = table(rows).split("\n")
        expect(lines.length).toBe(rows.length + 2)
        expect(new Set(lines.map((line) => line.length)).size).toBe(1)
      })
    )
  })
})

describe("docs/performance.md", () => {
  it("says what the result files say", () => {
    const here = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
    expect(readFileSync(here("docs/performance.md"), "utf8")).toBe(document(readResults(here("bench/results"))))
  })
})

describe("where a peer is faster", () => {
  it("is said of each row below 1, and of no other", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 1, maxLength: 8 }), (ratios) => {
        const rows = ratios.map((ratio, i) => ({ what: `<${i}>`, ratio }))
        const [said] = behind(rows, { ratio: "PyTorch" }, ({ what }) => String(what))
        for (const { ratio, what } of rows) expect(said!.includes(what)).toBe(ratio < 0.97)
      })
    )
  })

  it("is not said of peers that are absent", () => {
    expect(behind([{ ratio: "-" }, {}], { ratio: "PyTorch" }, () => "row")).toEqual([])
    expect(behind([{ ratio: 1.2 }], { ratio: "PyTorch" }, () => "row")).toEqual([
      "Noema is nowhere slower than PyTorch."
    ])
  })
})
