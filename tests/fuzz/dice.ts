/** Random choices that are a function of a seed and of the number of a program. */
import { threefry2x32 } from "@noema/tensor/graph"

/** One stream of choices; two dice of one seed and stream fall alike. */
export class Dice {
  readonly #seed: number
  readonly #stream: number
  #thrown = 0

  constructor(seed: number, stream: number) {
    this.#seed = seed
    this.#stream = stream
  }

  /** Uniform in [0, 1). */
  next(): number {
    return (threefry2x32(this.#seed, this.#stream, this.#thrown++, 0)[0] >>> 8) * 2 ** -24
  }

  /** A whole number from 0 to below `n`. */
  below(n: number): number {
    return Math.floor(this.next() * n)
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  chance(p: number): boolean {
    return this.next() < p
  }

  pick<T>(from: readonly [T, ...ReadonlyArray<T>] | ReadonlyArray<T>): T {
    return from[this.below(from.length)]!
  }

  /** One of `from`, each as likely as its weight says. */
  weighted<T extends { readonly weight: number }>(from: ReadonlyArray<T>): T {
    let left = this.next() * from.reduce((sum, { weight }) => sum + weight, 0)
    return from.find(({ weight }) => (left -= weight) < 0) ?? from.at(-1)!
  }

  /** Those of `from` for which a coin of probability `p` falls. */
  some<T>(from: ReadonlyArray<T>, p: number): ReadonlyArray<T> {
    return from.filter(() => this.chance(p))
  }

  shuffled<T>(from: ReadonlyArray<T>): ReadonlyArray<T> {
    const left = [...from]
    return from.map(() => left.splice(this.below(left.length), 1)[0]!)
  }
}
