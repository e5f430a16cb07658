/** Safetensors: what is decoded is what a reader that believes everything finds in the same bytes. */
import { Safetensors } from "../inside.ts"
import * as Result from "effect/Result"
import { Fault, faultOfSentence, hold, type Target } from "./judge.ts"
import { type Dice, mutated, mutatedJson } from "./mutate.ts"

const { decode, encode } = Safetensors

/** A header in front of a body, whatever it says. */
export const packed = (header: string, body: Uint8Array): Uint8Array => {
  const text = new TextEncoder().encode(header)
  const length = new Uint8Array(8)
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true)
  return Uint8Array.from(Buffer.concat([length, text, body]))
}

const parts = (bytes: Uint8Array): readonly [header: string, body: Uint8Array] => {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
  return [Buffer.from(bytes.subarray(8, 8 + length)).toString("utf8"), bytes.subarray(8 + length)]
}

/** A change to a file of weights: of its bytes, or of what its header says. */
export const mutatedWeights = (dice: Dice, bytes: Uint8Array, others: ReadonlyArray<Uint8Array>): Uint8Array => {
  if (dice.uniform() < 0.5) return mutated(dice, bytes, others)
  const [header, body] = parts(bytes)
  return packed(mutatedJson(dice, header), dice.uniform() < 0.8 ? body : mutated(dice, body, others))
}

type Entry = {
  readonly dtype: string
  readonly shape: ReadonlyArray<number>
  readonly data_offsets: readonly [number, number]
}

/** Holds that weights are those in the bytes of a file, as one reads them who checks nothing. */
export const holdSame = (bytes: Uint8Array, { metadata, tensors }: Safetensors.Weights): void => {
  const [header, body] = parts(bytes)
  const { __metadata__: said = {}, ...entries } = JSON.parse(header) as Record<string, unknown> & {
    __metadata__?: object
  }
  hold(JSON.stringify([...metadata]) === JSON.stringify(Object.entries(said)), "metadata differs")
  hold(Object.keys(entries).length === tensors.size, `${tensors.size} tensors of ${Object.keys(entries).length}`)
  for (const [name, entry] of Object.entries(entries)) {
    const {
      data_offsets: [begin, end],
      dtype,
      shape
    } = entry as Entry
    const tensor = tensors.get(name)
    if (tensor === undefined) throw new Fault(`${name} is lost`)
    hold(JSON.stringify(tensor.shape) === JSON.stringify(shape), `${name} has another shape`)
    const raw = Buffer.from(body.subarray(begin, end))
    const { data } = tensor
    if (dtype === "F16" || dtype === "BF16") hold(2 * data.length === raw.length, `${name} has another length`)
    else hold(raw.equals(Buffer.from(data.buffer, data.byteOffset, data.byteLength)), `${name} has other values`)
  }
}

const example = (dice: Dice): Uint8Array => {
  const names = ["model.norm.weight", "a", "", "__proto__", "mask", "é\u{1F600}", "trainable.backbone.blocks.0.query"]
  const tensors = dice
    .shuffle(names)
    .slice(0, dice.integer(0, 4))
    .map((name): [string, Safetensors.HostTensor] => {
      const shape = Array.from({ length: dice.integer(0, 3) }, () => dice.integer(0, 4))
      const length = shape.reduce((product, size) => product * size, 1)
      const numbers = Array.from({ length }, () => dice.integer(-9, 9) / 4)
      return [
        name,
        dice.choose<Safetensors.HostTensor>([
          { dtype: "f32", shape, data: Float32Array.from(numbers) },
          { dtype: "i32", shape, data: Int32Array.from(numbers) },
          { dtype: "bool", shape, data: Uint8Array.from(numbers, (x) => (x > 0 ? 1 : 0)) }
        ])
      ]
    })
  return encode({ tensors: new Map(tensors), metadata: new Map(dice.uniform() < 0.5 ? [["format", "pt"]] : []) })
}

export const weightsTarget: Target = {
  name: "safetensors",
  check: async (dice) => {
    const bytes = mutatedWeights(dice, example(dice), [example(dice)])
    try {
      const read = decode(bytes)
      if (Result.isFailure(read)) {
        const wrong = faultOfSentence(read.failure.message)
        hold(wrong === null, `a refusal ${wrong}: ${JSON.stringify(read.failure.message.slice(0, 400))}`)
        return "refused"
      }
      holdSame(bytes, read.success)
      holdSame(encode(read.success), Result.getOrThrow(decode(encode(read.success))))
      return "read"
    } catch (error) {
      throw new Fault(error instanceof Error ? (error.stack ?? error.message) : String(error), bytes)
    }
  }
}
