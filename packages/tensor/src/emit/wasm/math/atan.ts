import { f32x4, v128 } from "../assembler.ts"
import type { Lanes, Vectors } from "../vectors.ts"

/** tan(pi/8) and tan(3 pi/8), between which pi/4 is taken away first, and beyond which pi/2 is. */
const near = 0.41421356237309503
const far = 2.414213562373095

/** atan by Cephes' polynomial on [-tan(pi/8), tan(pi/8)]. Within 3 ulp. */
export const atan = (v: Vectors, x: Lanes): Lanes => {
  const size = v.apply(f32x4.abs, x)
  const isFar = v.apply(f32x4.gt, size, v.f32(far))
  const isMiddle = v.apply(f32x4.gt, size, v.f32(near))
  const one = v.f32(1)
  const above = v.select(isFar, v.f32(-1), v.sub(size, one))
  const below = v.select(isFar, size, v.add(size, one))
  const t = v.select(isMiddle, v.div(above, below), size)
  const from = v.select(isFar, v.f32(Math.PI / 2), v.select(isMiddle, v.f32(Math.PI / 4), v.f32(0)))
  const z = v.mul(t, t)
  const p = v.polynomial(z, [8.05374449538e-2, -1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1])
  const angle = v.add(from, v.madd(v.mul(p, z), t, t))
  return v.apply((a, y, sign) => v128.or(a, v128.and(y, sign)), angle, x, v.i32(0x80000000 | 0))
}
