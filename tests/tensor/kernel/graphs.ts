/** Random graphs from lists of small numbers, so that fast-check can shrink them instruction by instruction. */
import * as build from "@noema/tensor/graph"
import type { Graph, Node } from "@noema/tensor/graph"
import * as fc from "fast-check"

export interface RandomGraph {
  readonly graph: Graph
  readonly inputs: ReadonlyArray<Float64Array | Int32Array>
}

const sizesOf = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 0, maxLength: 4 })

export const randomGraph: fc.Arbitrary<RandomGraph> = fc
  .record({
    leaves: fc.array(sizesOf, { minLength: 1, maxLength: 3 }),
    program: fc.array(fc.array(fc.nat({ max: 97 }), { minLength: 6, maxLength: 6 }), { minLength: 1, maxLength: 14 }),
    keep: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
    seed: fc.nat()
  })
  .map(({ keep, leaves, program, seed }) => {
    const inputs = leaves.map((sizes, i) => build.input(`x${i}`, sizes, "f32"))
    const nodes: Array<Node> = [...inputs]
    for (const instruction of program) {
      const made = apply(nodes, instruction)
      if (made !== null && build.count(made.sizes) <= 4096) nodes.push(made)
    }
    const outputs = keep.map((n) => nodes[nodes.length - 1 - (n % nodes.length)]!)
    return { graph: { inputs, outputs }, inputs: inputs.map((node, i) => values(build.count(node.sizes), seed + i)) }
  })

const values = (length: number, seed: number): Float64Array => {
  let state = (seed * 2654435761) >>> 0
  return Float64Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.round((state / 2 ** 32 - 0.5) * 64) / 16
  })
}

const float = (node: Node): Node => build.cast(node, "f32")

/** Brings `x` to the sizes of `like` by slicing or repeating, whatever their ranks. */
const fit = (x: Node, like: Node): Node => {
  if (x.sizes.length > like.sizes.length) return fit(build.reduce("max", float(x), [0]), like)
  const sliced = build.slice(
    x,
    x.sizes.map(() => 0),
    x.sizes.map((n, axis) => (n === like.sizes[axis + like.sizes.length - x.sizes.length] ? n : Math.min(n, 1)))
  )
  return build.broadcast(
    sliced,
    like.sizes,
    x.sizes.map((_, axis) => axis + like.sizes.length - x.sizes.length)
  )
}

const apply = (nodes: ReadonlyArray<Node>, [kind, a, b, p, q, r]: ReadonlyArray<number>): Node | null => {
  const pick = (n: number): Node => nodes[nodes.length - 1 - (n % nodes.length)]!
  const x = pick(a!)
  const rank = x.sizes.length
  const axis = rank === 0 ? 0 : p! % rank
  switch (kind! % 20) {
    case 0:
      return build.unary((["neg", "abs", "exp", "tanh", "sigmoid", "sin"] as const)[p! % 6]!, bounded(x))
    case 1:
    case 2: {
      const other = fit(float(pick(b!)), x)
      return build.binary((["add", "sub", "mul", "max", "min"] as const)[p! % 5]!, float(x), other)
    }
    case 3:
      return build.select(build.compare("lt", float(x), fit(float(pick(b!)), x)), float(x), fit(float(pick(p!)), x))
    case 4:
      return build.cast(build.compare("le", float(x), fit(float(pick(b!)), x)), "f32")
    case 5: {
      const axes = x.sizes.map((_, i) => i)
      const turn = rank === 0 ? 0 : p! % rank
      return build.permute(x, q! % 2 === 0 ? [...axes.slice(turn), ...axes.slice(0, turn)] : axes.toReversed())
    }
    case 6:
    case 7: {
      const total = build.count(x.sizes)
      const divisors = Array.from({ length: total }, (_, i) => i + 1).filter((n) => total % n === 0)
      const first = divisors[p! % divisors.length]!
      const rest = divisors.filter((n) => (total / first) % n === 0)
      const second = rest[q! % rest.length]!
      return build.reshape(x, r! % 3 === 0 ? [total] : [first, second, total / first / second])
    }
    case 8: {
      if (rank === 0) return null
      const n = x.sizes[axis]!
      const start = q! % n
      const step = r! % 4 === 0 ? -1 : (r! % 2) + 1
      const length = step < 0 ? start + 1 : Math.ceil((n - start) / step)
      return build.slice(
        x,
        x.sizes.map((_, i) => (i === axis ? start : 0)),
        x.sizes.map((size, i) => (i === axis ? length : size)),
        x.sizes.map((_, i) => (i === axis ? step : 1))
      )
    }
    case 9:
      return build.pad(
        float(x),
        x.sizes.map((_, i) => (i === axis ? q! % 3 : 0)),
        x.sizes.map((_, i) => (i === axis || r! % 5 === 0 ? r! % 3 : 0)),
        p! % 2
      )
    case 10: {
      if (rank === 0) return null
      const other = fit(float(pick(b!)), x)
      return build.concat(q! % 2 === 0 ? [float(x), other] : [other, float(x), other], axis)
    }
    case 11:
    case 12: {
      const axes = x.sizes.flatMap((_, i) => ((p! >> i) % 2 === 0 ? [i] : []))
      return build.reduce((["sum", "max", "min"] as const)[q! % 3]!, float(x), axes)
    }
    case 13:
      return rank === 0 ? null : build.argmax(float(x), axis)
    case 14: {
      const other = float(pick(b!))
      if (rank === 0 || other.sizes.length === 0) return null
      const j = q! % other.sizes.length
      const cut = build.slice(
        other,
        other.sizes.map(() => 0),
        other.sizes.map((n, i) => (i === j ? Math.min(n, x.sizes[axis]!) : n))
      )
      const left = build.slice(
        float(x),
        x.sizes.map(() => 0),
        x.sizes.map((n, i) => (i === axis ? cut.sizes[j]! : n))
      )
      return build.dot(bounded(left), bounded(cut), [], [[axis, j]])
    }
    case 15: {
      if (rank < 2) return null
      const other = fit(float(pick(b!)), x)
      const [i, j] = [axis, (axis + 1) % rank]
      return build.dot(bounded(x), bounded(other), [[i, i]], [[j, j]])
    }
    case 16: {
      if (rank === 0) return null
      const index = build.cast(float(pick(b!)), "i32")
      return build.gather(x, index)
    }
    case 17: {
      if (rank === 0) return null
      const index = build.cast(
        build.slice(
          float(x),
          x.sizes.map(() => 0),
          x.sizes.map((n, i) => (i === 0 ? n : 1))
        ),
        "i32"
      )
      return build.scatterAdd(build.reshape(index, [x.sizes[0]!]), bounded(x), (q! % 4) + 1)
    }
    case 18:
      return rank === 0 ? null : build.cumsum(bounded(x), axis)
    default: {
      const sizes = [...x.sizes.slice(0, axis), (q! % 3) + 1, ...x.sizes.slice(axis)]
      return build.broadcast(
        x,
        sizes,
        x.sizes.map((_, i) => (i < axis ? i : i + 1))
      )
    }
  }
}

/** Keeps repeated exponentials and products finite. */
const bounded = (x: Node): Node => {
  const limit = (value: number) => build.broadcast(build.scalar(value, "f32"), x.sizes, [])
  return build.binary("max", build.binary("min", float(x), limit(3)), limit(-3))
}
