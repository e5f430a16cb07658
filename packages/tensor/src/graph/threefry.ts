/**
 * Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): a pure function
 * from a key and a counter to two random words. This file is the one place that says how the `uniform` and `foldIn`
 * primitives use it; devices copy it bit for bit, so the same key gives the same numbers everywhere.
 */

const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const
const parity = 0x1bd11bda

/** One block: 64 random bits for the key (k0, k1) and the counter (c0, c1). Words are i32, to be read modulo 2^32. */
export const threefry2x32 = (k0: number, k1: number, c0: number, c1: number): readonly [number, number] => {
  const key = [k0, k1, parity ^ k0 ^ k1]
  let x = (c0 + k0) | 0
  let y = (c1 + k1) | 0
  for (let round = 0; round < 20; round++) {
    const turn = rotations[round % 8]!
    x = (x + y) | 0
    y = ((y << turn) | (y >>> (32 - turn))) ^ x
    if (round % 4 === 3) {
      const injection = (round + 1) / 4
      x = (x + key[injection % 3]!) | 0
      y = (y + key[(injection + 1) % 3]! + injection) | 0
    }
  }
  return [x, y]
}

/**
 * What a block is for: the second word of its counter. Every kind of draw has numbers of its own under a key, and no draw
 * is made of the numbers of a key that was derived from it.
 */
export const domains = {
  uniform: 0,
  foldIn: 1,
  split: 2,
  normalRadius: 3,
  normalAngle: 4,
  bernoulli: 5,
  dropout: 6,
  gumbel: 7,
  categorical: 8,
  integers: 9
} as const

/**
 * Element `index` (row-major) of a uniform draw under a key: the counter is (index, domain), and the upper 24 bits of the
 * first word are the fraction. One block per element, so that elements are independent of how a kernel walks them.
 */
export const uniformAt = (k0: number, k1: number, index: number, domain: number): number =>
  (threefry2x32(k0, k1, index, domain)[0] >>> 8) * 2 ** -24

/** The key derived from another by a number: both words of the block with counter (data, domain). */
export const foldKey = (k0: number, k1: number, data: number, domain: number): readonly [number, number] =>
  threefry2x32(k0, k1, data, domain)
