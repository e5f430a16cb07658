import {
  checkGradients,
  checkpoint,
  customVjp,
  grad,
  GradientError,
  hvp,
  jvp,
  stopGradient,
  straightThrough,
  valueAndGrad,
  valueAndGradWith,
  vjp
} from "@noema/autodiff"
import { Tensor } from "@noema/tensor"
import * as G from "@noema/tensor/graph"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { describe, expect, it, vi } from "vitest"
import { numbers, vector } from "./values.ts"

type Vector = Tensor.Tensor<[number]>

const numbersOf = (length: number) =>
  fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: length, maxLength: length })
const closeTo = (found: ReadonlyArray<number>, expected: ReadonlyArray<number>) => {
  expect(found.length).toBe(expected.length)
  found.forEach((x, i) => expect(Math.abs(x - expected[i]!)).toBeLessThan(1e-9 + 1e-6 * Math.abs(expected[i]!)))
}

/** Smooth, with every second derivative. */
const smooth = (x: Vector): Vector => Tensor.mul(Tensor.sin(x), Tensor.sum(Tensor.exp(x)))
const loss = (x: Vector): Tensor.Tensor<[]> => Tensor.sum(smooth(x))
const slope = grad(loss)

describe("laws", () => {
  it("a pullback is linear in the cotangent", () => {
    fc.assert(
      fc.property(numbersOf(3), numbersOf(3), numbersOf(3), numbersOf(1), (x, u, v, [a]) => {
        const { pull } = vjp(smooth, vector(...x))
        const combined = pull(vector(...u.map((each, i) => a! * each + v[i]!)))
        const [first, second] = [numbers(pull(vector(...u))), numbers(pull(vector(...v)))]
        closeTo(
          numbers(combined),
          first.map((each, i) => Math.fround(a!) * each + second[i]!)
        )
      }),
      { numRuns: 30 }
    )
  })

  it("the gradient of a sum is the sum of gradients", () => {
    fc.assert(
      fc.property(numbersOf(3), (x) => {
        const other = (t: Vector): Tensor.Tensor<[]> => Tensor.mean(Tensor.mul(t, t))
        const both = grad((t: Vector) => Tensor.add(loss(t), other(t)))
        const [first, second] = [numbers(grad(loss)(vector(...x))), numbers(grad(other)(vector(...x)))]
        closeTo(
          numbers(both(vector(...x))),
          first.map((each, i) => each + second[i]!)
        )
      }),
      { numRuns: 30 }
    )
  })

  it("the pullback of a composition is the composition of pullbacks", () => {
    fc.assert(
      fc.property(numbersOf(3), numbersOf(3), (x, u) => {
        const inner = vjp((t: Vector) => Tensor.tanh(t), vector(...x))
        const outer = vjp(smooth, inner.value)
        const whole = vjp((t: Vector) => smooth(Tensor.tanh(t)), vector(...x))
        closeTo(numbers(whole.pull(vector(...u))), numbers(inner.pull(outer.pull(vector(...u)))))
      }),
      { numRuns: 30 }
    )
  })

  it("forward and reverse derivatives are transposes: <u, J v> = <J' u, v>", () => {
    fc.assert(
      fc.property(numbersOf(3), numbersOf(3), numbersOf(3), (x, u, v) => {
        const dot = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) =>
          a.reduce((sum, each, i) => sum + each * b[i]!, 0)
        const forward = dot(u.map(Math.fround), numbers(jvp(smooth, vector(...x), vector(...v)).tangent))
        const reverse = dot(numbers(vjp(smooth, vector(...x)).pull(vector(...u))), v.map(Math.fround))
        closeTo([forward], [reverse])
      }),
      { numRuns: 30 }
    )
  })

  it("a Hessian is symmetric, and is the derivative of the gradient", () => {
    fc.assert(
      fc.property(numbersOf(3), (x) => {
        const at = vector(...x)
        const unit = (i: number) => vector(...[0, 1, 2].map((j) => (i === j ? 1 : 0)))
        const rows = [0, 1, 2].map((i) => numbers(hvp(loss, at, unit(i))))
        rows.forEach((row, i) =>
          closeTo(
            row,
            rows.map((other) => other[i]!)
          )
        )
        rows.forEach((row, i) => closeTo(row, numbers(jvp(slope, at, unit(i)).tangent)))
      }),
      { numRuns: 20 }
    )
  })

  it("third derivatives are derivatives of second ones", () => {
    const cube = (x: Tensor.Tensor<[]>): Tensor.Tensor<[]> => Tensor.pow(x, 3)
    expect(numbers(grad(grad(grad(cube)))(Tensor.scalar(5)))).toEqual([6])
  })
})

describe("trees", () => {
  const params = {
    layers: [{ w: Tensor.full([2, 2], 0.5) }, { w: Tensor.full([2, 3], 0.25) }],
    bias: Tensor.zeros([3])
  } as const
  const model = (p: typeof params, x: Tensor.Tensor<[4, 2]>) =>
    Tensor.add(Tensor.matmul(Tensor.tanh(Tensor.matmul(x, p.layers[0].w)), p.layers[1].w), p.bias)
  const x = Tensor.fromArray([1, 2, 3, 4, 5, 6, 7, 8], [4, 2])

  it("keep their structure and shapes", () => {
    const { value, gradient } = valueAndGrad((p: typeof params) => Tensor.mean(model(p, x)))(params)
    expect(value.shape).toEqual([])
    expect(gradient.layers[1].w.shape).toEqual([2, 3])
    closeTo(numbers(gradient.bias), [1 / 3, 1 / 3, 1 / 3])
  })

  it("are checked by path", () => {
    const ok = checkGradients((p: typeof params) => model(p, x), params)
    expect(Effect.runSync(ok).checked).toBe(3 + 4 + 6 + 3)
  })

  it("of which the loss uses a part get zeros elsewhere, and debugging says so", () => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {})
    vi.stubEnv("NOEMA_DEBUG", "graph|gradients")
    const gradient = grad((p: typeof params) => Tensor.sum(p.bias))(params)
    expect(numbers(gradient.layers)).toEqual(Array.from({ length: 10 }, () => 0))
    expect(said.mock.calls.flat()).toEqual([
      "grad: the loss does not use params.layers.0.w, its gradient is zero",
      "grad: the loss does not use params.layers.1.w, its gradient is zero"
    ])
    vi.unstubAllEnvs()
    said.mockRestore()
  })

  it("may hold one tensor twice, or the tensor that the function also closes over", () => {
    const w = vector(1, 2, 3)
    const gradient = grad((p: { readonly a: Vector; readonly b: Vector }) => Tensor.sum(Tensor.mul(p.a, p.b)))
    expect(numbers(gradient({ a: w, b: w }))).toEqual([1, 2, 3, 1, 2, 3])
    expect(numbers(grad((p: Vector) => Tensor.sum(Tensor.mul(p, w)))(w))).toEqual([1, 2, 3])
  })

  it("come with a report", () => {
    const f = (p: Vector) =>
      [Tensor.sum(Tensor.mul(p, p)), { largest: Tensor.max(p), count: Tensor.scalar(3, "i32") }] as const
    const { value, gradient, report } = valueAndGradWith(f)(vector(1, 2))
    expect(numbers([value, gradient, report])).toEqual([5, 2, 4, 2, 3])
  })
})

describe("values with gradients of their own", () => {
  it("stopGradient makes a constant", () => {
    expect(numbers(grad((x: Vector) => Tensor.sum(Tensor.mul(x, stopGradient(x))))(vector(3, 4)))).toEqual([3, 4])
    expect(numbers(grad((x: Vector) => Tensor.sum(stopGradient(smooth(x))))(vector(3, 4)))).toEqual([0, 0])
  })

  it("straightThrough has one value and another gradient", () => {
    const f = (x: Vector) => Tensor.sum(straightThrough(Tensor.round(x), Tensor.mul(x, 3)))
    expect(numbers(f(vector(1.4, 2.6)))).toEqual([4])
    expect(numbers(grad(f)(vector(1.4, 2.6)))).toEqual([3, 3])
  })

  it("customVjp uses the gradient it is given, and what the function closes over is constant", () => {
    const scale = vector(2, 2)
    const doubled = customVjp(
      (p: { readonly x: Vector; readonly index: Tensor.Tensor<[], "i32"> }) => Tensor.mul(p.x, scale) as Vector,
      (g, { x }, y) => ({ x: Tensor.add(Tensor.mul(g, x), y) as Vector, index: null })
    )
    const index = Tensor.scalar(1, "i32")
    expect(numbers(grad((x: Vector) => Tensor.sum(doubled({ x, index })))(vector(3, 4)))).toEqual([9, 12])
    expect(numbers(grad((s: Vector) => Tensor.sum(Tensor.mul(doubled({ x: scale, index }), s)))(scale))).toEqual([4, 4])
    // The derivative of g x + y in x is g, and the derivative of y is the custom one again.
    expect(numbers(hvp((x: Vector) => Tensor.sum(doubled({ x, index })), vector(3, 4), vector(1, 1)))).toEqual([10, 13])
  })

  it("customVjp finds cotangents by key, whatever the keys are", () => {
    const named = customVjp(
      (p: { readonly "layers.0.w": Vector; readonly rest: readonly [Vector, Vector] }) =>
        Tensor.mul(p["layers.0.w"], Tensor.mul(p.rest[0], p.rest[1])) as Vector,
      (g) => ({ "layers.0.w": Tensor.mul(g, 2) as Vector, rest: [null, Tensor.mul(g, 3) as Vector] as const })
    )
    const at = { "layers.0.w": vector(1), rest: [vector(1), vector(1)] } as const
    expect(numbers(grad((p: typeof at) => Tensor.sum(named(p)))(at))).toEqual([2, 0, 3])
    const partial = customVjp(
      (p: { readonly x: Vector }) => p.x,
      () => ({}) as never
    )
    expect(() => grad((p: { readonly x: Vector }) => Tensor.sum(partial(p)))({ x: vector(1) })).toThrow(
      "customVjp: the cotangent of argument.x is undefined and must be f32[1]"
    )
    const misspelt = customVjp(
      (p: { readonly x: Vector }) => p.x,
      (g) => ({ x: g, y: g }) as never
    )
    expect(() => grad((p: { readonly x: Vector }) => Tensor.sum(misspelt(p)))({ x: vector(1) })).toThrow(
      "customVjp: the cotangent of argument.y is not in the argument"
    )
  })

  it("customVjp may move cells: where its result is chosen says nothing of where its argument is", () => {
    const reversed = customVjp(
      (x: Vector) => Tensor.flip(x, 0) as Vector,
      (g) => Tensor.flip(g, 0) as Vector
    )
    const total = customVjp(
      (x: Tensor.Tensor<[2, 3]>) => Tensor.sum(x, 1),
      (g) => Tensor.broadcastTo(Tensor.expandDims(g, 1), [2, 3])
    )
    const third = Tensor.fromArray([false, false, true])
    expect(
      numbers(grad((x: Vector) => Tensor.sum(Tensor.where(third, reversed(Tensor.exp(x)), 0)))(vector(0, 1, 2)))
    ).toEqual([1, 0, 0])
    const second = Tensor.fromArray([false, true])
    expect(
      numbers(
        grad((x: Tensor.Tensor<[2, 3]>) => Tensor.sum(Tensor.where(second, total(Tensor.exp(x)), 0)))(
          Tensor.zeros([2, 3])
        )
      )
    ).toEqual([0, 0, 0, 1, 1, 1])
  })

  it("a customVjp with a wrong gradient does not pass the check", () => {
    const wrong = customVjp(
      (x: Vector) => Tensor.mul(x, x),
      (g, x) => Tensor.mul(g, Tensor.add(x, Tensor.minimum(x, 1))) as Vector
    )
    const result = Effect.runSync(
      Effect.flip(checkGradients((p: { readonly x: Vector }) => wrong(p.x), { x: vector(1, 3, 1) }))
    )
    expect(result.where).toBe("params.x[1]")
    expect(result.message).toMatch(
      /^the derivative at params\.x\[1\] is -?[\d.]+ by the rules and -?[\d.]+ by finite differences/
    )
  })
})

describe("checkpoint", () => {
  const block = (w: Vector, x: Vector): Vector => Tensor.tanh(Tensor.mul(x, w)) as Vector

  it("changes neither values nor derivatives, whatever is nested or captured", () => {
    fc.assert(
      fc.property(numbersOf(2), numbersOf(2), (a, b) => {
        const plain = (p: { readonly w: Vector; readonly x: Vector }) => {
          const scaled = Tensor.exp(p.w)
          const once = (x: Vector) => block(scaled as Vector, x)
          const both = (x: Vector) => [once(x), Tensor.sin(block(p.w, once(x)))] as const
          const [first, second] = both(both(p.x)[1] as Vector)
          return Tensor.sum(Tensor.mul(first, second))
        }
        const recomputed = (p: { readonly w: Vector; readonly x: Vector }) => {
          const scaled = Tensor.exp(p.w)
          const once = checkpoint((x: Vector) => block(scaled as Vector, x))
          const both = checkpoint((x: Vector) => [once(x), Tensor.sin(block(p.w, once(x)))] as const)
          const [first, second] = both(both(p.x)[1] as Vector)
          return Tensor.sum(Tensor.mul(first, second))
        }
        const at = { w: vector(...a), x: vector(...b) }
        expect(numbers(recomputed(at))).toEqual(numbers(plain(at)))
        closeTo(numbers(grad(recomputed)(at)), numbers(grad(plain)(at)))
        closeTo(numbers(hvp(recomputed, at, at)), numbers(hvp(plain, at, at)))
      }),
      { numRuns: 20 }
    )
  })

  it("computes again behind a barrier that waits for the cotangent", () => {
    const node = grad((x: Vector) => Tensor.sum(checkpoint((t: Vector) => Tensor.sin(Tensor.exp(t)))(x)))(
      vector(1, 2)
    ).node
    const all = G.topological([node])
    const barriers = all.filter((each) => each.op.kind === "note" && each.op.note.name === "barrier")
    expect(barriers.length).toBe(1)
    expect(barriers[0]!.inputs.length).toBe(2)
    const exponentials = all.filter((each) => each.op.kind === "unary" && each.op.fn === "exp")
    expect(exponentials.every((each) => each.inputs[0] === barriers[0])).toBe(true)
  })
})

describe("what cannot be differentiated is refused at run time too", () => {
  const refused = (f: () => unknown) => {
    expect(f).toThrow(GradientError)
    try {
      f()
    } catch (error) {
      return (error as GradientError).message
    }
  }
  const anyShape = (x: Tensor.AnyTensor) => x as Tensor.Tensor

  it("with a sentence", () => {
    expect(refused(() => grad(anyShape)(Tensor.zeros([2, 3])))).toBe(
      "grad: the loss must be one number, and has shape [2, 3]"
    )
    expect(refused(() => grad(anyShape)(Tensor.scalar(1, "i32")))).toBe(
      "grad: params is i32, and only f32 has a gradient"
    )
    expect(refused(() => hvp((p: Tensor.Tensor<[]>) => p, Tensor.scalar(1), vector(1) as never))).toBe(
      "hvp: at params the direction is f32[1] and the point is f32[]"
    )
    expect(refused(() => vjp((x: Vector) => ({ y: x }), vector(1)).pull({ z: vector(1) } as never))).toBe(
      "vjp: at result.y the cotangent is missing and the value is f32[1]"
    )
  })
})
