// Writes an ONNX ModelProto: just enough protobuf for graphs of float tensors.
const text = new TextEncoder()

const varint = (n) => {
  const bytes = []
  let rest = BigInt.asUintN(64, BigInt(n))
  do {
    const low = Number(rest & 127n)
    rest >>= 7n
    bytes.push(rest > 0n ? low | 128 : low)
  } while (rest > 0n)
  return bytes
}

const join = (parts) => {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

const tag = (field, wire) => varint((field << 3) | wire)
const number = (field, n) => [...tag(field, 0), ...varint(n)]
const float = (field, x) => [...tag(field, 5), ...new Uint8Array(new Float32Array([x]).buffer)]
const block = (field, bytes) => join([tag(field, 2), varint(bytes.length), bytes])
const string = (field, s) => block(field, text.encode(s))

const attribute = (name, value) => {
  if (typeof value === "string") return block(5, join([string(1, name), string(4, value), number(20, 3)]))
  if (Array.isArray(value)) return block(5, join([string(1, name), ...value.map((v) => number(8, v)), number(20, 7)]))
  if (Number.isInteger(value)) return block(5, join([string(1, name), number(3, value), number(20, 2)]))
  return block(5, join([string(1, name), float(2, value.float), number(20, 1)]))
}

/** `attributes`: integers, lists of integers, strings, or `{ float: 0.5 }`. */
export const node = (op, inputs, outputs, attributes = {}, domain = "") =>
  join([
    ...inputs.map((x) => string(1, x)),
    ...outputs.map((x) => string(2, x)),
    string(4, op),
    ...Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    ...(domain === "" ? [] : [string(7, domain)])
  ])

const value = ([name, sizes]) =>
  join([
    string(1, name),
    block(2, block(1, join([number(1, 1), block(2, join(sizes.map((d) => block(1, number(1, d)))))])))
  ])

const tensor = ([name, sizes, data]) =>
  join([
    ...sizes.map((d) => number(1, d)),
    number(2, 1),
    string(8, name),
    block(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  ])

const repeated = (field, items, write) => items.map((item) => block(field, write(item)))

/** `inputs` and `outputs` are [name, sizes]; `constants` are [name, sizes, Float32Array]. */
export const model = ({ nodes, inputs, outputs, constants = [] }) => {
  const opset = ([domain, version]) => join([string(1, domain), number(2, version)])
  const graph = join([
    ...nodes.map((bytes) => block(1, bytes)),
    string(2, "graph"),
    ...repeated(5, constants, tensor),
    ...repeated(11, inputs, value),
    ...repeated(12, outputs, value)
  ])
  return join([
    number(1, 8),
    block(7, graph),
    ...repeated(
      8,
      [
        ["", 20],
        ["com.microsoft", 1]
      ],
      opset
    )
  ])
}
