import { derive, type Key } from "./key.ts"

/**
 * A fast stream of 32-bit words under a key, for resampling, which takes millions of them: Chris Doty-Humphrey's sfc32,
 * begun from four words that the key derives. The same key gives the same words.
 */
export const stream = (key: Key): (() => number) => {
  const [first, second] = [derive(key, "stream", 0), derive(key, "stream", 1)]
  let [a, b, c, counter] = [first.high | 0, first.low | 0, second.high | 0, second.low | 0]
  const next = (): number => {
    const word = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + word) | 0
    return word >>> 0
  }
  for (let i = 0; i < 12; i++) next()
  return next
}
