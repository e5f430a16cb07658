/**
 * Splittable random keys on the host: Threefry-2x32-20, the generator the tensor DSL draws from on every device. A key is
 * a value; the same key always gives the same numbers, and keys derived under different labels are independent.
 */
import { Random } from "@noema/tensor"

/** Two 32-bit words. */
export interface Key {
  readonly high: number
  readonly low: number
}

/**
 * One Threefry-2x32 block of 20 rounds (Salmon et al., SC 2011): the cipher text of the counter `(x0, x1)` under the key.
 *
 * @example
 * Key.threefry({ high: 0, low: 0 }, 0, 0) // => { high: 0x6b200159, low: 0x99ba4efe }
 */
export const threefry = (key: Key, x0: number, x1: number): Key => {
  const [high, low] = Random.threefry2x32(key.high, key.low, x0, x1)
  return { high: high >>> 0, low: low >>> 0 }
}

/**
 * The key of a seed (any integer; only its low 64 bits count).
 *
 * @example
 * Key.fromSeed(7) // => { high: 0, low: 7 }
 * Key.fromSeed(2 ** 32 + 7) // => { high: 1, low: 7 }
 */
export const fromSeed = (seed: number): Key => ({ high: Math.floor(seed / 2 ** 32) >>> 0, low: seed >>> 0 })

const hashText = (text: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/**
 * The key of one use of `key`, named by numbers and words: `derive(key, "rollout", step)`. Different paths give
 * independent keys.
 *
 * @example
 * const key = Key.fromSeed(7)
 * Key.uniform(Key.derive(key, "rollout", 1)) === Key.uniform(Key.derive(key, "rollout", 2)) // => false
 * Key.derive(key, "rollout", 1) // => { high: 2229681683, low: 1401059422 }
 */
export const derive = (key: Key, ...path: ReadonlyArray<number | string>): Key =>
  path.reduce<Key>(
    (parent, part) =>
      typeof part === "number" ? threefry(parent, part >>> 0, 0) : threefry(parent, hashText(part), 0x746578),
    key
  )

/**
 * The key as the i32 [2] tensor that programs take.
 *
 * @example
 * Key.words(Key.fromSeed(7)) // => [0, 7]
 */
export const words = (key: Key): Int32Array => Int32Array.of(key.high | 0, key.low | 0)

/**
 * Draw number `index` under `key`, uniform in [0, 1) in steps of 2^-32.
 *
 * @example
 * Key.uniform(Key.fromSeed(7)) // => 0.844107
 * Key.uniform(Key.fromSeed(7), 1) // => 0.42616
 */
export const uniform = (key: Key, index = 0): number => threefry(key, index >>> 0, 0).high / 2 ** 32

/** A cursor over the draws of one key, for code that needs many: `const random = draws(key)`. */
export interface Draws {
  /** Uniform in [0, 1). */
  readonly uniform: () => number
  /** An integer in `low..high`, both included. */
  readonly integer: (low: number, high: number) => number
  /** One element; the array must not be empty. */
  readonly choose: <A>(from: ReadonlyArray<A>) => A
  /** An index with probability proportional to its weight. */
  readonly weighted: (weights: ReadonlyArray<number>) => number
  /** A new array in random order. */
  readonly shuffle: <A>(of: ReadonlyArray<A>) => Array<A>
}

/**
 * A cursor over the draws of a key: `draws(key).integer(1, 6)`. The same key gives the same draws.
 *
 * @example
 * const random = Key.draws(Key.fromSeed(7))
 * random.shuffle(["a", "b", "c"]) // => ["b", "a", "c"]
 * random.integer(1, 6) // => 4
 */
export const draws = (key: Key): Draws => {
  let index = 0
  const next = () => uniform(key, index++)
  const integer = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  return {
    uniform: next,
    integer,
    choose: (from) => from[integer(0, from.length - 1)]!,
    weighted: (weights) => {
      let left = next() * weights.reduce((sum, weight) => sum + weight, 0)
      const found = weights.findIndex((weight) => (left -= weight) < 0)
      return found < 0 ? weights.length - 1 : found
    },
    shuffle: (of) => {
      const out = [...of]
      for (let i = out.length - 1; i > 0; i--) {
        const j = integer(0, i)
        const held = out[i]!
        out[i] = out[j]!
        out[j] = held
      }
      return out
    }
  }
}

/**
 * A fraction in [0, 1) that depends on the text alone: the same text is always on the same side of a split.
 *
 * @example
 * Key.fractionOf("3 + 4") // => 0.265665
 * Key.fractionOf("3 + 4") === Key.fractionOf("4 + 3") // => false
 */
export const fractionOf = (text: string): number => {
  let key: Key = { high: 0x6e6f656d, low: 0x61 }
  for (let i = 0; i < text.length; i += 2) key = threefry(key, text.charCodeAt(i), text.charCodeAt(i + 1) | 0)
  return key.high / 2 ** 32
}
