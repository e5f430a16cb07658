/** Rules that are sure, and remember what they have seen. */
import { Policy, Stop } from "../inside.ts"
import { Tensor } from "@noema/tensor"
import fc from "fast-check"
import { expect, test } from "vitest"
import { numbers } from "../small.ts"

/** A backbone whose states are its logits. */
const backbone: any = { logits: (hidden: unknown) => hidden }

/** Where a rule stops along states, one row; symbols that were drawn at each, where some were. */
const stopsOf = async (
  rule: Stop.SureRule,
  states: ReadonlyArray<ReadonlyArray<number>>,
  symbols?: ReadonlyArray<number>
): Promise<ReadonlyArray<boolean>> => {
  let watcher = rule.watch<1>()
  const stops = states.map((state, t) => {
    const hidden: any = Tensor.fromArray([...state], [1, state.length])
    const drawn: any = symbols === undefined ? {} : { symbols: [Tensor.fromArray(Int32Array.of(symbols[t]!), [1])] }
    const judged = watcher({ latent: hidden, hidden, ...drawn })
    watcher = judged.next
    return Tensor.cast(judged.stops, "i32")
  })
  return (await numbers(stops)).map(({ data }) => data[0] === 1)
}

/** Logits of a state that is sure, and of one that is not. */
const [sure, unsure] = [
  [9, 0, 0],
  [0.3, 0.2, 0.1]
]

test("Cold Stop fires at the state that makes enough sure ones in a row, and one that is not begins anew", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 4 }),
      async (states, patience) => {
        const rule = Stop.coldStop(backbone, { entropy: 0.5, patience })
        const found = await stopsOf(
          rule,
          states.map((isSure) => (isSure ? sure! : unsure!))
        )
        let count = 0
        expect(found).toEqual(states.map((isSure) => (count = isSure ? count + 1 : 0) >= patience))
      }
    ),
    { numRuns: 25 }
  )
})

test("its entropy is that of the softmax at its temperature, before anything is filtered", async () => {
  const logits = [2, 1, 0, -1]
  const at = (entropy: number) => Stop.coldStop(backbone, { entropy, patience: 1, temperature: 0.6 })
  expect(await stopsOf(at(0.58767), [logits])).toEqual([true])
  expect(await stopsOf(at(0.58765), [logits])).toEqual([false])
})

test("a higher entropy or less patience never stops later", async () => {
  const states = fc.array(fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 3, maxLength: 3 }), {
    minLength: 1,
    maxLength: 6
  })
  const first = async (entropy: number, patience: number, of: ReadonlyArray<ReadonlyArray<number>>) => {
    const at = (await stopsOf(Stop.coldStop(backbone, { entropy, patience }), of)).indexOf(true)
    return at < 0 ? of.length : at
  }
  await fc.assert(
    fc.asyncProperty(states, fc.integer({ min: 1, max: 3 }), async (of, patience) => {
      expect(await first(0.6, patience, of)).toBeLessThanOrEqual(await first(0.2, patience, of))
      expect(await first(0.4, patience, of)).toBeLessThanOrEqual(await first(0.4, patience + 1, of))
    }),
    { numRuns: 20 }
  )
})

test("a shadow ends latents where its last symbols are those that end them, drawn or the likeliest", async () => {
  const symbol = fc.integer({ min: 1, max: 3 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(symbol, { minLength: 1, maxLength: 7 }),
      fc.array(symbol, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      async (shadow, ends, isDrawn) => {
        const rule = Stop.shadow(backbone, { ends: [ends[0]!, ...ends.slice(1)] })
        const states = shadow.map((likeliest) => Array.from({ length: 4 }, (_, i) => Number(i === likeliest)))
        const found = await (isDrawn
          ? stopsOf(
              rule,
              shadow.map(() => [0, 0, 0, 9]),
              shadow
            )
          : stopsOf(rule, states))
        expect(found).toEqual(shadow.map((_, t) => ends.every((end, i) => shadow[t - ends.length + 1 + i] === end)))
      }
    ),
    { numRuns: 40 }
  )
})

test("of two rules the first that would stops", async () => {
  const rule = Stop.either(Stop.shadow(backbone, { ends: [2] }), Stop.coldStop(backbone, { entropy: 0.5, patience: 2 }))
  expect(rule).toMatchObject({ name: "shadow or cold stop below 0.5 for 2", byAction: true })
  expect(await stopsOf(rule, [unsure!, sure!, sure!])).toEqual([false, false, true])
  expect(await stopsOf(rule, [unsure!, [0, 0, 0.4], sure!])).toEqual([false, true, false])
})

test("what cannot be a rule is one sentence", () => {
  const cold = (options: Stop.ColdStopOptions) => () => Stop.coldStop(backbone, options)
  expect(cold({ entropy: 0.1, patience: 0 })).toThrow("a patience that is a whole number from 1, found 0")
  expect(cold({ entropy: 0.1, patience: 1.5 })).toThrow(Policy.BadPolicy)
  expect(cold({ entropy: 0, patience: 2 })).toThrow("an entropy and a temperature above 0, found 0 and 1")
})
