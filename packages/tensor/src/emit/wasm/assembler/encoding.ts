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

/** Little-endian bytes of int32 values. */
export const int32 = (...values: ReadonlyArray<number>): ReadonlyArray<number> => {
  const bytes: Array<number> = []
  for (const value of values) bytes.push(value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255)
  return bytes
}

/** Little-endian bytes of float32 values. */
export const float32 = (...values: ReadonlyArray<number>): ReadonlyArray<number> =>
  int32(...new Int32Array(new Float32Array(values).buffer))

/** A name: length, then UTF-8. */
export const text = (value: string): ReadonlyArray<number> => {
  const bytes = [...new TextEncoder().encode(value)]
  return [...unsigned(bytes.length), ...bytes]
}

/** What has been encoded: short pieces as plain arrays, what is made of many as one block. */
export type Bytes = ReadonlyArray<number> | Uint8Array

/** One after the other, as one block: bodies are long, and each is copied into its section and that into the module. */
export const joined = (parts: ReadonlyArray<Bytes>): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** A vector: number of items, then the items. */
export const vector = (items: ReadonlyArray<Bytes>): Uint8Array => joined([unsigned(items.length), ...items])
