import { f32x4, i32x4, v128 } from "../assembler.ts"
import type { Lanes, Vectors } from "../vectors.ts"

const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const
const parity = 0x1bd11bda

/** A block of Threefry-2x32-20 in every lane, as `graph/threefry.ts` defines it. */
export const threefry = (v: Vectors, k0: Lanes, k1: Lanes, c0: Lanes, c1: Lanes): readonly [Lanes, Lanes] => {
  const key = [k0, k1, v.apply((p, a, b) => v128.xor(p, v128.xor(a, b)), v.i32(parity), k0, k1)]
  let x = v.apply(i32x4.add, c0, k0)
  let y = v.apply(i32x4.add, c1, k1)
  for (let round = 0; round < 20; round++) {
    const turn = rotations[round % 8]!
    x = v.apply(i32x4.add, x, y)
    y = v.apply((a, b) => v128.xor(v128.or(i32x4.shl(a, turn), i32x4.shrU(a, 32 - turn)), b), y, x)
    if (round % 4 === 3) {
      const injection = (round + 1) / 4
      x = v.apply(i32x4.add, x, key[injection % 3]!)
      y = v.apply((a, k, n) => i32x4.add(i32x4.add(a, k), n), y, key[(injection + 1) % 3]!, v.i32(injection))
    }
  }
  return [x, y]
}

/** The number in [0, 1) at each flat index. */
export const uniform = (v: Vectors, k0: Lanes, k1: Lanes, index: Lanes, domain: number): Lanes => {
  const [word] = threefry(v, k0, k1, index, v.i32(domain))
  return v.apply((bits, unit) => f32x4.mul(f32x4.convertI32x4S(i32x4.shrU(bits, 8)), unit), word, v.f32(2 ** -24))
}
