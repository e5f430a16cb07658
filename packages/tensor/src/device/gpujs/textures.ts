/**
 * Results that stay on the graphics card in the WebGL modes: gpu.js's textures, handed from kernel to kernel. A number
 * takes a texel; the four of a vector fill one, which is how gpu.js packs arrays, so a vector's texture is read as one.
 */
import type { Host } from "./backend.ts"

/** Rows of rows, the fastest axis innermost; a vector that a thread returns is one more axis. */
export type Nested = Float32Array | ReadonlyArray<number> | ReadonlyArray<Nested>

export interface Texture {
  readonly type: string
  readonly size: ArrayLike<number>
  readonly dimensions: ReadonlyArray<number>
  readonly output: ReadonlyArray<number>
  toArray(): Nested
  delete(): void
}

/** What a slot holds: an array, or a texture that is read back when an array is asked for. */
interface OnCard {
  readonly texture: Texture
  readonly length: number
}

export type Held = Host | OnCard

export const isOnCard = (held: Held): held is OnCard => "texture" in held

/** The texture of a result of `lanes` elements a thread, as further kernels take it. */
export const onCard = (result: Texture, lanes: number, length: number): OnCard => {
  if (lanes === 1) return { texture: result, length }
  const packed = { type: "MemoryOptimizedNumberTexture", dimensions: [length, 1, 1] }
  return { texture: Object.assign(Object.create(Object.getPrototypeOf(result)), result, packed) as Texture, length }
}

/** gpu.js's type of an argument, and all of its shape that gpu.js writes into a kernel. */
export const argumentType = (held: Held): { readonly type: string; readonly shape: string } => {
  if (!isOnCard(held)) return { type: "Array", shape: String(held.length) }
  const { dimensions, output, size, type } = held.texture
  return { type, shape: [type, size[0], size[1], ...dimensions, ...output].join(" ") }
}

export const flat = (result: Nested, length: number): Float32Array => {
  if (result instanceof Float32Array && result.length === length) return result
  const whole = new Float32Array(length)
  let at = 0
  const visit = (part: Nested): void => {
    if (part instanceof Float32Array || typeof part[0] === "number") {
      whole.set(part as ArrayLike<number>, at)
      at += part.length
    } else for (const inner of part as ReadonlyArray<Nested>) visit(inner)
  }
  visit(result)
  return whole
}

/** As an array, read back where it is on the card. */
export const read = (held: Held): Host => (isOnCard(held) ? flat(held.texture.toArray(), held.length) : held)

export const release = (held: Held | undefined): void => {
  if (held !== undefined && isOnCard(held)) held.texture.delete()
}
