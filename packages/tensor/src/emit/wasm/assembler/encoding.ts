/** The byte encodings WebAssembly is made of. */

/** Unsigned LEB128 of a 32-bit number. */
export const unsigned = (n: number): ReadonlyArray<number> => {
  const bytes: Array<number> = []
  let rest = n >>> 0
  do {
    const low = rest & 0x7f
    rest >>>= 7
    bytes.push(rest === 0 ? low : low | 0x80)
  } while (rest !== 0)
  return bytes
}

/** Signed LEB128 of a 32-bit number. */
export const signed = (n: number): ReadonlyArray<number> => {
  const bytes: Array<number> = []
  let rest = n | 0
  for (;;) {
    const low = rest & 0x7f
    rest >>= 7
    const last = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)
    bytes.push(last ? low : low | 0x80)
    if (last) return bytes
  }
}

/** Little-endian bytes of float32 values. */
export const float32 = (...values: ReadonlyArray<number>): ReadonlyArray<number> => [
  ...new Uint8Array(new Float32Array(values).buffer)
]

/** Little-endian bytes of int32 values. */
export const int32 = (...values: ReadonlyArray<number>): ReadonlyArray<number> => [
  ...new Uint8Array(new Int32Array(values).buffer)
]

/** A name: length, then UTF-8. */
export const text = (value: string): ReadonlyArray<number> => {
  const bytes = [...new TextEncoder().encode(value)]
  return [...unsigned(bytes.length), ...bytes]
}

/** One after the other. Written out because bodies are long and this is where assembling spends its time. */
export const joined = (parts: ReadonlyArray<ReadonlyArray<number>>): Array<number> => {
  const bytes: Array<number> = []
  for (const part of parts) for (let i = 0; i < part.length; i++) bytes.push(part[i]!)
  return bytes
}

/** A vector: number of items, then the items. */
export const vector = (items: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<number> =>
  joined([unsigned(items.length), ...items])
