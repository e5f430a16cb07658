/** What a mask leaves out touches neither values nor gradients, even where it is NaN. */
import { valueAndGrad } from "@noema/autodiff"
import { GpuJs, Program, Reference, Tensor, Wasm } from "@noema/tensor"
import * as fc from "fast-check"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { afterAll, describe, expect, it } from "vitest"

/** Sizes vary, which types need not follow here. */
type Any = Tensor.Tensor<any>

interface Inputs {
  readonly q: Any
  readonly k: Any
  readonly v: Any
}

interface Case {
  readonly t: number
  readonly s: number
  readonly causal: boolean
  /** By query and key: whether the query may look. */
  readonly mask: ReadonlyArray<boolean> | null
  readonly spoilt: number
  readonly by: number
}

const wild = fc.constantFrom(NaN, Infinity, -Infinity)

/** Some queries of a strip or two; one key is spoilt. */
const cases: fc.Arbitrary<Case> = fc
  .record({ t: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(65, 70)), past: fc.nat(5), by: wild })
  .chain(({ t, past, by }) => {
    const s = t + past
    return fc.record({
      t: fc.constant(t),
      s: fc.constant(s),
      causal: fc.boolean(),
      mask: fc.option(fc.array(fc.boolean(), { minLength: t * s, maxLength: t * s })),
      spoilt: fc.nat(s - 1),
      by: fc.constant(by)
    })
  })

const [d, e] = [3, 2]

const numbersOf = (sizes: ReadonlyArray<number>, salt: number): Float32Array =>
  Float32Array.from({ length: sizes.reduce((a, b) => a * b) }, (_, i) => Math.sin(7 * i + salt) * 2)

/** The value [2, t, e] of attention with one entry of one key or value set to `by`, and its gradients. */
const attended = ({ t, s, causal, mask, spoilt }: Case, which: "k" | "v", by: number) => {
  const make = (sizes: ReadonlyArray<number>, salt: number, spoil: boolean): Any => {
    const data = numbersOf(sizes, salt)
    const width = sizes.at(-1)!
    if (spoil) data[spoilt * width + (spoilt % width)] = by
    return Tensor.fromArray(data, sizes)
  }
  const inputs: Inputs = {
    q: make([2, t, d], 1, false),
    k: make([1, s, d], 2, which === "k"),
    v: make([1, s, e], 3, which === "v")
  }
  const allowed = mask === null ? {} : { mask: Tensor.reshape(Tensor.fromArray(mask, [t * s]), [t, s]) }
  const of = ({ q, k, v }: Inputs): Any => Tensor.attention(q, k, v, { causal, ...allowed }) as Any
  const weights = Tensor.fromArray(numbersOf([2, t, e], 4), [2, t, e])
  const loss = (given: Inputs) => Tensor.sum(Tensor.mul(of(given), weights) as Any) as Tensor.Tensor<[]>
  return { value: of(inputs), gradient: valueAndGrad(loss)(inputs).gradient }
}

const sees = ({ t, s, causal, mask }: Pick<Case, "t" | "s" | "causal" | "mask">, row: number, key: number): boolean =>
  (!causal || key <= row + s - t) && (mask === null || mask[row * s + key]!)

/** Whether anything is hidden from anyone; where nothing is, weights are multiplied with what there is. */
const hides = ({ t, causal, mask }: Case): boolean => mask !== null || (causal && t > 1)

const layers = {
  reference: Reference.layer,
  wasm: Wasm.layer({ threads: 1 }),
  "gpu.js, cpu": GpuJs.layer({ mode: "cpu" })
}

describe.each(Object.entries(layers))("on %s", (_, layer) => {
  const runtime = ManagedRuntime.make(layer)
  afterAll(() => runtime.dispose())
  const compute = <T>(tree: T) => runtime.runPromise(Program.compute(tree))

  const kinds = fc.constantFrom("k" as const, "v" as const)

  it("a key or value that a query may not look at does not touch its result, and one that it may makes it NaN", () =>
    fc.assert(
      fc.asyncProperty(cases, kinds, async (c, which) => {
        const [found, expected] = [
          await compute(attended(c, which, c.by).value),
          await compute(attended(c, which, 0).value)
        ]
        found.data.forEach((x: number, i: number) => {
          if (!sees(c, Math.floor(i / e) % c.t, c.spoilt)) expect(x).toBe(expected.data[i])
          else if (hides(c)) expect(x).toBeNaN()
        })
      }),
      { numRuns: 15 }
    ))

  it("a key or value that no query may look at does not touch the gradients", () =>
    fc.assert(
      fc.asyncProperty(cases, kinds, async (c, which) => {
        const open = c.mask ?? Array.from({ length: c.t * c.s }, () => true)
        const hidden = { ...c, mask: open.map((may, i) => may && i % c.s !== c.spoilt) }
        expect(await compute(attended(hidden, which, c.by))).toEqual(await compute(attended(hidden, which, 0)))
      }),
      { numRuns: 8 }
    ))

  it("rows of logits that do not count touch neither the cross-entropy nor its gradient", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }),
        wild,
        fc.boolean(),
        async (mask, by, smooth) => {
          const lossWith = (other: number) => {
            const logits = numbersOf([mask.length, 4], 5).map((x, i) => (mask[i >> 2]! ? x : other))
            const labels = Tensor.fromArray(
              Int32Array.from(mask, (_, i) => i % 4),
              [mask.length]
            )
            return valueAndGrad(
              (x: Any) =>
                Tensor.crossEntropy(x, labels as never, {
                  mask: Tensor.fromArray(mask, [mask.length]),
                  labelSmoothing: smooth ? 0.1 : 0
                }) as Tensor.Tensor<[]>
            )(Tensor.fromArray(logits, [mask.length, 4]) as Any)
          }
          expect(await compute(lossWith(by))).toEqual(await compute(lossWith(0)))
        }
      ),
      { numRuns: 8 }
    ))

  it("what maskedSoftmax does not let through touches neither its values nor their gradients", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), wild, async (mask, by) => {
        const n = mask.length
        const squares = (other: number) =>
          valueAndGrad((x: Any) => {
            const weights = Tensor.maskedSoftmax(x, Tensor.fromArray(mask, [n]))
            return Tensor.sum(Tensor.square(weights) as Any) as Tensor.Tensor<[]>
          })(
            Tensor.fromArray(
              numbersOf([n], 6).map((x, i) => (mask[i]! ? x : other)),
              [n]
            ) as Any
          )
        expect(await compute(squares(by))).toEqual(await compute(squares(0)))
      }),
      { numRuns: 8 }
    ))
})
