/**
 * The two sides of every shape rule agree: programs are generated at random, the compiler checks them all in one file,
 * and each is run. Names have prime sizes that no literals make, so that sizes never agree where names do not.
 */
import { merge, named, ShapeError, Tensor } from "@noema/tensor"
import * as fc from "fast-check"
import { expect, it } from "vitest"
import { typeCheck } from "../../../bench/types/compiler.ts"

/** Dimensions as written in a program; `n2` and `n3` are numbers of which the compiler knows nothing. */
const known = fc.constantFrom("0", "1", "2", "3", "4", "6", "b", "t", "bt")
const perhaps = fc.oneof({ weight: 4, arbitrary: known }, { weight: 1, arbitrary: fc.constantFrom("n2", "n3") })

const [b, t] = [named("b", 101), named("t", 103)]
const values = { b, t, bt: merge(b, t), n2: 2, n3: 3 }
const prelude = [
  `import { merge, named, Tensor } from "@noema/tensor"`,
  `const b = named("b", 101), t = named("t", 103), bt = merge(b, t)`,
  `declare const n2: number, n3: number`,
  `type Fits<Found extends Tensor.AnyTensor["shape"], Real> = Real extends Found ? true : false`,
  `type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false`
]

type Dims = ReadonlyArray<string>
const zeros = (dims: Dims, dtype = ""): string => `Tensor.zeros([${dims.join(", ")}]${dtype})`
const shape = (dim: fc.Arbitrary<string>, min = 0, max = 4) => fc.array(dim, { minLength: min, maxLength: max })
const axis = fc.integer({ min: -4, max: 4 })

/** A shape and one made from it by small changes, so that many programs are right. */
const related = (dim: fc.Arbitrary<string>) =>
  fc
    .tuple(shape(dim, 1), fc.array(fc.option(dim, { freq: 4, nil: undefined }), { maxLength: 4 }), fc.nat(2))
    .map(([first, changes, drop]): readonly [Dims, Dims] => [
      first,
      first.map((d, i) => changes[i] ?? d).slice(Math.min(drop, first.length - 1))
    ])

const programs = (dim: fc.Arbitrary<string>): ReadonlyArray<fc.Arbitrary<string>> => [
  related(dim).map(([a, b]) => `Tensor.add(${zeros(a)}, ${zeros(b)})`),
  related(dim).map(([a, b]) => `Tensor.where(${zeros(b, `, "bool"`)}, ${zeros(a)}, 1)`),
  related(dim).map(([a, b]) => `Tensor.broadcastTo(${zeros(b)}, [${a.join(", ")}])`),
  fc
    .tuple(related(dim), dim, dim, fc.option(dim, { freq: 4, nil: undefined }))
    .map(([[a, b], k, n, other]) => `Tensor.matmul(${zeros([...a, k])}, ${zeros([...b.slice(0, -1), other ?? k, n])})`),
  fc
    .tuple(shape(dim, 1), fc.nat(23), fc.option(dim, { freq: 3, nil: undefined }))
    .map(([a, turn, extra]) => `Tensor.reshape(${zeros(a)}, [${reordered(a, turn, extra).join(", ")}])`),
  fc
    .tuple(shape(dim, 1), fc.nat(23), fc.nat(3))
    .map(
      ([a, turn, open]) => `Tensor.reshape(${zeros(a)}, [${opened(reordered(a, turn, undefined), open).join(", ")}])`
    ),
  fc.tuple(shape(dim), shape(dim)).map(([a, b]) => `Tensor.reshape(${zeros(a)}, [${b.join(", ")}])`),
  fc.tuple(shape(dim), axis).map(([a, i]) => `Tensor.sum(${zeros(a)}, ${i})`),
  fc.tuple(shape(dim), fc.array(axis, { maxLength: 3 })).map(([a, i]) => `Tensor.min(${zeros(a)}, [${i.join(", ")}])`),
  fc
    .tuple(shape(dim), axis, axis, fc.boolean())
    .map(([a, i, j, keepDims]) => `Tensor.max(${zeros(a)}, [${i}, ${j}], { keepDims: ${keepDims} })`),
  fc
    .tuple(shape(dim), fc.array(axis, { maxLength: 4 }))
    .map(([a, o]) => `Tensor.permute(${zeros(a)}, [${o.join(", ")}])`),
  fc
    .tuple(shape(dim, 3, 3), fc.shuffledSubarray([0, 1, 2], { minLength: 3 }))
    .map(([a, o]) => `Tensor.permute(${zeros(a)}, [${o.join(", ")}])`),
  fc.tuple(shape(dim), axis, axis).map(([a, i, j]) => `Tensor.swapAxes(${zeros(a)}, ${i}, ${j})`),
  fc.tuple(shape(dim), axis).map(([a, i]) => `Tensor.expandDims(${zeros(a)}, ${i})`),
  fc.tuple(shape(dim), axis).map(([a, i]) => `Tensor.squeeze(${zeros(a)}, ${i})`),
  fc.tuple(related(dim), axis).map(([[a, b], i]) => `Tensor.concat([${zeros(a)}, ${zeros(b)}, ${zeros(a)}], ${i})`),
  fc.tuple(related(dim), axis).map(([[a, b], i]) => `Tensor.stack([${zeros(a)}, ${zeros(b)}], ${i})`),
  fc
    .tuple(
      shape(dim, 1, 3),
      fc.integer({ min: -1, max: 1 }),
      fc.integer({ min: -3, max: 4 }),
      fc.integer({ min: -2, max: 5 })
    )
    .map(([a, i, start, stop]) => `Tensor.slice(${zeros(a)}, ${i}, [${start}, ${stop}])`),
  fc
    .tuple(shape(dim, 1, 3), fc.integer({ min: -1, max: 1 }), fc.integer({ min: -3, max: 4 }))
    .map(([a, i, start]) => `Tensor.slice(${zeros(a)}, ${i}, [${start}])`),
  fc
    .tuple(shape(dim, 1, 3), axis, fc.integer({ min: -3, max: 4 }))
    .map(([a, i, index]) => `Tensor.at(${zeros(a)}, ${i}, ${index})`),
  fc
    .tuple(shape(dim, 0, 3), fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { maxLength: 3 }))
    .map(([a, p]) => `Tensor.pad(${zeros(a)}, ${JSON.stringify(p)})`),
  fc
    .tuple(shape(dim, 1, 3), shape(dim, 0, 2), axis)
    .map(([a, i, at]) => `Tensor.take(${zeros(a)}, ${zeros(i, `, "i32"`)}, ${at})`),
  fc.tuple(related(dim), axis).map(([[a, b], i]) => `Tensor.takeAlong(${zeros(a)}, ${zeros(b, `, "i32"`)}, ${i})`),
  fc.tuple(related(dim), dim).map(([[a, b], n]) => `Tensor.scatterAdd(${zeros(b, `, "i32"`)}, ${zeros(a)}, ${n})`),
  fc
    .tuple(
      fc.tuple(dim, dim, dim),
      fc.option(dim, { freq: 4, nil: undefined }),
      fc.constantFrom("i k", "k", "", "j i", "i i", "q")
    )
    .map(
      ([[i, j, k], other, out]) => `Tensor.einsum("i j, j k -> ${out}", ${zeros([i, j])}, ${zeros([other ?? j, k])})`
    )
]

/** The sizes in another order, with two of them merged or one more. */
const reordered = (dims: Dims, turn: number, extra: string | undefined): Dims => {
  const turned = [...dims.slice(turn % dims.length), ...dims.slice(0, turn % dims.length)]
  return extra === undefined ? turned : [...turned, extra]
}

/** From one axis on, whatever is left. */
const opened = (dims: Dims, from: number): Dims => [...dims.slice(0, from), "-1"]

const run = (program: string): Tensor.AnyTensor | string => {
  const names = Object.keys(values)
  try {
    return new Function("Tensor", ...names, `return ${program}`)(Tensor, ...Object.values(values))
  } catch (error) {
    if (error instanceof ShapeError) return error.message
    throw error
  }
}

/** Unknown sizes, sums of names and numbers, differences with names, and open sizes that take a division are `number`. */
const exact = (program: string): boolean =>
  !/\bn[23]\b/.test(program) &&
  !(/\b(b|t|bt)\b/.test(program) && /Tensor\.(slice|pad)|Tensor\.concat.*zeros\(\[[^\]]*\d/.test(program)) &&
  !/reshape.*-1\]/.test(program)

/**
 * Mistakes the compiler cannot see, or says with a "?": unknown sizes, where a range of a named axis ends, and an open
 * size among no elements that a part of a product decides, because a product does not know the sizes of its parts.
 */
const blind = (program: string): boolean =>
  /\bn[23]\b/.test(program) ||
  (/\b(b|t|bt)\b/.test(program) && program.startsWith("Tensor.slice")) ||
  (/reshape.*\b0\b/.test(program) && /\bbt\b.*-1\]/.test(program))

const cases = fc.array(fc.oneof(...programs(known), ...programs(perhaps)), { minLength: 200, maxLength: 200 })

it("the compiler refuses what fails at run time with the same sentence, and is right about the rest", async () => {
  const property = fc.asyncProperty(cases, async (programs) => {
    const results = programs.map(run)
    const lines = programs.map((program, i) => {
      const result = results[i]!
      if (typeof result === "string") return `export const r${i} = ${program}`
      const real = JSON.stringify(result.shape)
      const relation = exact(program) ? "Same" : "Fits"
      return `export const r${i} = ${program}; export const c${i}: ${relation}<typeof r${i}.shape, ${real}> = true`
    })
    const { diagnostics } = await typeCheck({ "programs.ts": [...prelude, ...lines].join("\n") })
    const disagreements = programs.flatMap((program, i): Array<string> => {
      const said = diagnostics.filter(({ line }) => line === prelude.length + i + 1).map(({ message }) => message)
      const result = results[i]!
      if (typeof result !== "string") return said.map((message) => `${program} is [${result.shape}]: ${message}`)
      if (blind(program)) return []
      const same = said.length === 1 && said[0]!.replaceAll('\\"', '"').includes(`"${result}"`)
      return same ? [] : [`${program} throws ${result}: ${said.join("; ")}`]
    })
    expect(disagreements).toEqual([])
    const failed = results.filter((result) => typeof result === "string").length
    expect(failed).toBeGreaterThan(20)
    expect(results.length - failed).toBeGreaterThan(20)
  })
  await fc.assert(property, { numRuns: 1, endOnFailure: true })
})
