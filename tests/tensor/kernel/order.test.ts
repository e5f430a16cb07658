import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { orderOf } from "../../../packages/tensor/src/kernel/order.ts"

/** Edges i -> j of a random acyclic graph under a random numbering, and pairs to try to merge. */
const scenario = fc.integer({ min: 2, max: 20 }).chain((count) => {
  const kernel = fc.nat(count - 1)
  return fc.record({
    numbers: fc.shuffledSubarray([...Array(count).keys()], { minLength: count }),
    edges: fc.array(fc.tuple(kernel, kernel), { maxLength: 40 }),
    pairs: fc.array(fc.tuple(kernel, kernel), { maxLength: 40 })
  })
})

describe("the order of kernels while they are merged", () => {
  it("allows exactly the merges that close no cycle, however many went before", () => {
    fc.assert(
      fc.property(scenario, ({ numbers, edges, pairs }) => {
        const next = numbers.map(() => new Set<number>())
        for (const [a, b] of edges) if (a !== b) next[numbers[Math.min(a, b)]!]!.add(numbers[Math.max(a, b)]!)
        const order = orderOf(numbers.length, {
          after: (kernel) => next[kernel]!,
          before: (kernel) => next.flatMap((followers, each) => (followers.has(kernel) ? [each] : []))
        })
        const gone = new Set<number>()
        const reaches = (from: number, to: number): boolean =>
          [...next[from]!].some((kernel) => kernel === to || reaches(kernel, to))
        for (const [a, b] of pairs) {
          if (a === b || gone.has(a) || gone.has(b)) continue
          const around = [...next[a]!].some((kernel) => kernel !== b && reaches(kernel, b))
          const allowed = !around && !reaches(b, a)
          expect(order.mergeable(a, b)).toBe(allowed)
          if (!allowed) continue
          for (const kernel of next[a]!) if (kernel !== b) next[b]!.add(kernel)
          next[a]!.clear()
          for (const followers of next) if (followers.delete(a)) followers.add(b)
          next[b]!.delete(b)
          gone.add(a)
          order.merged(a, b)
        }
      }),
      { numRuns: 1000 }
    )
  })

  /** Numbers handed out from now on, whatever they are asked for. */
  const counting = (edges: (kernel: number) => ReadonlyArray<number>, tick: () => void) =>
    function* (kernel: number): Generator<number> {
      for (const other of edges(kernel)) {
        tick()
        yield other
      }
    }

  it("says so about kernels far apart after a few steps, however long the chain", () => {
    const count = 4000
    let asked = 0
    const tick = () => asked++
    // Each kernel is read by the next, by one further on, and by one that nothing reads.
    const order = orderOf(2 * count, {
      after: counting((kernel) => {
        const nexts = [kernel + 1, kernel + 7].filter((next) => next < count)
        return kernel < count ? [...nexts, count + kernel] : []
      }, tick),
      before: counting(
        (kernel) => (kernel < count ? [kernel - 1, kernel - 7].filter((each) => each >= 0) : [kernel - count]),
        tick
      )
    })
    const before = asked
    const pairs = Array.from({ length: 1000 }, (_, i) => [(i * 37) % 1000, 3000 + ((i * 91) % 1000)] as const)
    expect(pairs.some(([a, b]) => order.mergeable(a, b))).toBe(false)
    expect((asked - before) / pairs.length).toBeLessThan(20)
  })

  it("says so about a kernel of thousands of readers after a few steps", () => {
    const count = 4000
    let asked = 0
    const tick = () => asked++
    // All read the first, and one more reads all of them.
    const order = orderOf(count, {
      after: counting(
        (kernel) =>
          kernel === 0 ? Array.from({ length: count - 2 }, (_, i) => i + 1) : kernel < count - 1 ? [count - 1] : [],
        tick
      ),
      before: counting(
        (kernel) => (kernel === 0 ? [] : kernel < count - 1 ? [0] : Array.from({ length: count - 2 }, (_, i) => i + 1)),
        tick
      )
    })
    const before = asked
    const readers = Array.from({ length: 1000 }, (_, i) => 1 + 3 * i)
    expect(readers.every((reader) => order.mergeable(0, reader))).toBe(true)
    expect(readers.every((reader) => order.mergeable(reader, count - 1))).toBe(true)
    expect((asked - before) / readers.length).toBeLessThan(20)
  })
})
