// TensorFlow.js on its WebAssembly backend, one thread (its threaded build needs a browser's workers).
import { createRequire } from "node:module"
import { fill, meanAbs, stepParameters, stepTokens } from "../harness/cases.ts"
import { Refused, serve } from "../harness/serve.ts"

// The CommonJS builds: the ES modules of tfjs do not load in Node.
const require = createRequire(import.meta.url)
const tf = require("@tensorflow/tfjs")
const wasm = require("@tensorflow/tfjs-backend-wasm")
wasm.setWasmPaths(new URL("node_modules/@tensorflow/tfjs-backend-wasm/dist/", import.meta.url).pathname)
await tf.setBackend("wasm")
await tf.ready()
if (tf.getBackend() !== "wasm") throw new Error("the WebAssembly backend did not start")
if (Number(process.env.BENCH_THREADS ?? 1) > 1) throw new Error("one thread only outside browsers")

/** Times `compute`, whose result is freed at once; the backend is synchronous. */
const ready = (inputs, compute) => {
  const first = compute()
  const digest = meanAbs(first.dataSync())
  first.dispose()
  return { run: () => compute().dispose(), meanAbs: digest, dispose: () => tf.dispose(inputs) }
}

const gelu = (x) => {
  const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.mul(x, x), x), 0.044715)), 0.7978845608028654)
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1))
}

const exactGelu = (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1))

const elementwise = { gelu, "exact gelu": exactGelu, silu: (x) => tf.mul(x, tf.sigmoid(x)) }

const rms = (x, weight) => tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.mul(x, x), -1, true), 1e-5))), weight)

const adamw = (length) => {
  const p = tf.variable(tf.tensor1d(fill(length, 0)))
  const g = tf.tensor1d(fill(length, 1))
  const m = tf.variable(tf.tensor1d(fill(length, 2, 0.01)))
  const v = tf.variable(tf.tensor1d(fill(length, 3, 0.01).map((s) => s * s)))
  const run = () =>
    tf.tidy(() => {
      m.assign(tf.add(tf.mul(m, 0.9), tf.mul(g, 0.1)))
      v.assign(tf.add(tf.mul(v, 0.999), tf.mul(tf.mul(g, g), 0.001)))
      const above = tf.mul(m, 1 / (1 - 0.9 ** 10))
      const below = tf.add(tf.sqrt(tf.mul(v, 1 / (1 - 0.999 ** 10))), 1e-8)
      p.assign(tf.sub(tf.mul(p, 1 - 3e-4 * 0.01), tf.mul(tf.div(above, below), 3e-4)))
    })
  run()
  return { run, meanAbs: meanAbs(p.dataSync()), dispose: () => tf.dispose([p, g, m, v]) }
}

const trainingStep = (c) => {
  const { d, layers, heads, ff, vocab, batch, seq } = c
  const head = d / heads
  const w = Object.fromEntries(
    stepParameters(c).map(({ name, sizes, data }) => [name, tf.variable(tf.tensor(data, [...sizes]))])
  )
  const angles = Array.from(
    { length: (seq * head) / 2 },
    (_, i) => Math.floor(i / (head / 2)) / 10000 ** ((2 * (i % (head / 2))) / head)
  )
  const cos = tf.tensor(angles.map(Math.cos), [1, 1, seq, head / 2])
  const sin = tf.tensor(angles.map(Math.sin), [1, 1, seq, head / 2])
  const mask = tf.tensor(
    Array.from({ length: seq * seq }, (_, i) => (i % seq > Math.floor(i / seq) ? -1e9 : 0)),
    [1, 1, seq, seq]
  )
  const rope = (x) => {
    const [a, b] = tf.split(x, 2, 3)
    return tf.concat([tf.sub(tf.mul(a, cos), tf.mul(b, sin)), tf.add(tf.mul(a, sin), tf.mul(b, cos))], 3)
  }
  const tokens = stepTokens(c)
  const oneHot = (ids) => tf.cast(tf.oneHot(tf.tensor1d(ids, "int32"), vocab), "float32")
  const [x, y] = [oneHot(tokens.x), oneHot(tokens.y)]
  const loss = () => {
    let h = tf.matMul(x, w.emb)
    for (let l = 0; l < layers; l++) {
      const [q, k, v] = tf
        .split(tf.matMul(rms(h, w[`norm1.${l}`]), w[`qkv.${l}`]), 3, 1)
        .map((part) => tf.transpose(tf.reshape(part, [batch, seq, heads, head]), [0, 2, 1, 3]))
      const scores = tf.add(tf.mul(tf.matMul(rope(q), rope(k), false, true), 1 / Math.sqrt(head)), mask)
      const mixed = tf.reshape(tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3]), [batch * seq, d])
      h = tf.add(h, tf.matMul(mixed, w[`o.${l}`]))
      const [gate, up] = tf.split(tf.matMul(rms(h, w[`norm2.${l}`]), w[`gateUp.${l}`]), [ff, ff], 1)
      h = tf.add(h, tf.matMul(tf.mul(tf.mul(gate, tf.sigmoid(gate)), up), w[`down.${l}`]))
    }
    const logProbabilities = tf.logSoftmax(tf.matMul(rms(h, w.norm), w.head))
    return tf.mul(tf.sum(tf.mul(logProbabilities, y)), -1 / (batch * seq))
  }
  const optimizer = tf.train.adam(3e-4)
  const run = () => {
    const { value, grads } = optimizer.computeGradients(loss)
    // AdamW: the weights decay by themselves, beside Adam's step.
    tf.tidy(() => Object.values(w).forEach((each) => each.assign(tf.mul(each, 1 - 3e-4 * 0.01))))
    optimizer.applyGradients(grads)
    tf.dispose(grads)
    const number = value.dataSync()[0]
    value.dispose()
    return number
  }
  return { run, meanAbs: run(), dispose: () => tf.dispose([w, cos, sin, mask, x, y]) }
}

await serve(`tfjs ${tf.version_core} wasm`, (c) => {
  switch (c.kind) {
    case "gemm": {
      const sizes = (rows, columns) => (c.batch === 1 ? [rows, columns] : [c.batch, rows, columns])
      const a = tf.tensor(fill(c.batch * c.m * c.k, 0), c.transposeA ? sizes(c.k, c.m) : sizes(c.m, c.k))
      const b = tf.tensor(fill(c.batch * c.k * c.n, 1), c.transposeB ? sizes(c.n, c.k) : sizes(c.k, c.n))
      return ready([a, b], () => tf.matMul(a, b, c.transposeA, c.transposeB))
    }
    case "softmax":
    case "rmsnorm": {
      const x = tf.tensor2d(fill(c.rows * c.columns, 0, 8), [c.rows, c.columns])
      const weight = tf.ones([c.columns])
      return ready([x, weight], () => (c.kind === "softmax" ? tf.softmax(x) : tf.tidy(() => rms(x, weight))))
    }
    case "gelu":
    case "exact gelu":
    case "silu": {
      const x = tf.tensor1d(fill(c.length, 0, 8))
      return ready([x], () => tf.tidy(() => elementwise[c.kind](x)))
    }
    case "adamw":
      return adamw(c.length)
    case "step":
      return trainingStep(c)
    default:
      throw new Refused(`not written for tfjs: ${c.kind}`)
  }
})
