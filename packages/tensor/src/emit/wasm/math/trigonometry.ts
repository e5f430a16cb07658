import { f32x4, i32x4, type V128, v128 } from "../assembler.ts"
import type { Lanes, Vectors } from "../vectors.ts"
import { type Quadrant, quadrantOf, quadrantOfLarge } from "./quadrant.ts"

/** sin, with an absolute error of at most 1.2e-7 for every x. */
export const sin = (v: Vectors, x: Lanes): Lanes => turned(v, x, 0)

/** cos, with an absolute error of at most 1.2e-7 for every x. */
export const cos = (v: Vectors, x: Lanes): Lanes => turned(v, x, 1)

/** sin(x + turn * pi/2), by one reduction where |x| is at most 8192 and by another where it is larger. */
const turned = (v: Vectors, x: Lanes, turn: number): Lanes => {
  const { body } = v
  const turns = fromQuadrant(v, quadrantOf(v, x), turn)
  const large = v.apply((y) => f32x4.gt(f32x4.abs(y), f32x4.const(8192)), x)
  const any = large.reduce<V128>((a, b) => (a === b ? a : v128.or(a, b)), large[0]!)
  body.if(v128.anyTrue(any), () => {
    const ofLarge = v.apart(`sinOfLarge.${turn}`, (w, y) => fromQuadrant(w, quadrantOfLarge(w, y), turn))
    turns.forEach((name, u) => body.set(name, v128.bitselect(ofLarge(x[u]!), name, large[u]!)))
  })
  return turns
}

/** sin of the argument that was reduced to |r| <= pi/4, a quarter further by `turn`: Cephes' polynomials for both functions. */
const fromQuadrant = (v: Vectors, { n, r }: Quadrant, turn: number): Lanes => {
  const z = v.mul(r, r)
  const sine = v.madd(v.mul(z, r), v.polynomial(z, [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1]), r)
  const cosine = v.madd(
    v.mul(z, z),
    v.polynomial(z, [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2]),
    v.nmadd(z, v.f32(0.5), v.f32(1))
  )
  const quadrant = turn === 0 ? n : v.apply((m) => i32x4.add(m, i32x4.const(turn)), n)
  const odd = v.apply((q) => i32x4.ne(v128.and(q, i32x4.const(1)), i32x4.const(0)), quadrant)
  const sign = v.apply((q) => i32x4.shl(v128.and(q, i32x4.const(2)), 30), quadrant)
  return v.apply(v128.xor, v.select(odd, cosine, sine), sign)
}
