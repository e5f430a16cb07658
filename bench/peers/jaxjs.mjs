// @jax-js/jax, jitted, on the backend given as argument: wasm (one thread: it takes a browser's workers for more) or
// webgpu (in Node through the webgpu package), or webgl in a page; a timed call is BENCH_REPEAT runs.
import { fill, meanAbs, stepParameters, stepTokens } from "../harness/cases.ts"
import { Refused, serve } from "../harness/serve.ts"

if (Number(process.env.BENCH_THREADS ?? 1) > 1) throw new Error("one thread only outside browsers")
const backend = process.argv[2] ?? "wasm"
const repeat = Number(process.env.BENCH_REPEAT ?? 1)
if (typeof window === "undefined") {
  const gpu = backend === "webgpu" ? await dawn() : undefined
  Object.defineProperty(globalThis, "navigator", {
    value: { hardwareConcurrency: 1, userAgent: "Node", gpu },
    configurable: true
  })
}
const { blockUntilReady, defaultDevice, init, jit, nn, numpy: np, tree, valueAndGrad } = await import("@jax-js/jax")
await init(backend)
defaultDevice(backend)

async function dawn() {
  const { create, globals } = await import("webgpu")
  Object.assign(globalThis, globals)
  return create([])
}

const array = (data, sizes) => np.array(data).reshape(sizes)

/** `compute` consumes the references it is given, so each call hands it new ones. */
const ready = async (compute, inputs) => {
  const once = async () => {
    const result = compute(...inputs.map((x) => x.ref))
    await blockUntilReady(result)
    return result
  }
  const digest = meanAbs(await (await once()).data())
  const run = async () => {
    for (let i = 1; i < repeat; i++) compute(...inputs.map((x) => x.ref)).dispose()
    ;(await once()).dispose()
  }
  return { run, meanAbs: digest }
}

const rms = (x, weight) => x.ref.div(np.sqrt(np.mean(x.ref.mul(x), -1, { keepdims: true }).add(1e-5))).mul(weight)

const swapped = (x) => {
  const axes = [...Array(x.shape.length).keys()]
  return np.transpose(x, [...axes.slice(0, -2), axes.at(-1), axes.at(-2)])
}

const adamw = async (length) => {
  const step = jit((p, g, m, v) => {
    const m2 = m.mul(0.9).add(g.ref.mul(0.1))
    const v2 = v.mul(0.999).add(g.ref.mul(g).mul(0.001))
    const move = m2.ref.mul(1 / (1 - 0.9 ** 10)).div(np.sqrt(v2.ref.mul(1 / (1 - 0.999 ** 10))).add(1e-8))
    return [p.mul(1 - 3e-4 * 0.01).sub(move.mul(3e-4)), m2, v2]
  })
  const g = np.array(fill(length, 1))
  let state = [
    np.array(fill(length, 0)),
    np.array(fill(length, 2, 0.01)),
    np.array(fill(length, 3, 0.01).map((s) => s * s))
  ]
  const run = async () => {
    const [p, m, v] = state
    state = step(p, g.ref, m, v)
    await blockUntilReady(state)
  }
  await run()
  return { run, meanAbs: meanAbs(await state[0].ref.data()) }
}

const trainingStep = async (c) => {
  const { d, layers, heads, vocab, batch, seq } = c
  const head = d / heads
  const initial = Object.fromEntries(stepParameters(c).map(({ name, sizes, data }) => [name, array(data, [...sizes])]))
  const angles = Float32Array.from(
    { length: (seq * head) / 2 },
    (_, i) => Math.floor(i / (head / 2)) / 10000 ** ((2 * (i % (head / 2))) / head)
  )
  const cosine = array(angles.map(Math.cos), [1, 1, seq, head / 2])
  const sine = array(angles.map(Math.sin), [1, 1, seq, head / 2])
  const causal = array(
    Float32Array.from({ length: seq * seq }, (_, i) => (i % seq > Math.floor(i / seq) ? -1e9 : 0)),
    [1, 1, seq, seq]
  )
  const rope = (x, cos, sin) => {
    const [a, b] = np.split(x, 2, -1)
    return np.concatenate([a.ref.mul(cos.ref).sub(b.ref.mul(sin.ref)), a.mul(sin).add(b.mul(cos))], -1)
  }
  const loss = (w, x, y, cos, sin, mask) => {
    let h = np.matmul(x, w.emb)
    for (let l = 0; l < layers; l++) {
      const qkv = np.matmul(rms(h.ref, w[`norm1.${l}`]), w[`qkv.${l}`]).reshape([batch, seq, 3, heads, head])
      const [q, k, v] = np
        .split(qkv, 3, 2)
        .map((part) => np.transpose(part.reshape([batch, seq, heads, head]), [0, 2, 1, 3]))
      const scores = np.matmul(rope(q, cos.ref, sin.ref), swapped(rope(k, cos.ref, sin.ref)))
      const weights = nn.softmax(scores.mul(1 / Math.sqrt(head)).add(mask.ref), -1)
      const mixed = np.transpose(np.matmul(weights, v), [0, 2, 1, 3]).reshape([batch * seq, d])
      h = h.add(np.matmul(mixed, w[`o.${l}`]))
      const [gate, up] = np.split(np.matmul(rms(h.ref, w[`norm2.${l}`]), w[`gateUp.${l}`]), 2, -1)
      h = h.add(np.matmul(nn.silu(gate).mul(up), w[`down.${l}`]))
    }
    for (const used of [cos, sin, mask]) used.dispose()
    const logits = np.matmul(rms(h, w.norm), w.head)
    return np.sum(nn.logSoftmax(logits, -1).mul(y)).mul(-1 / (batch * seq))
  }
  const gradient = valueAndGrad(loss)
  const step = jit((w, m, v, c1, c2, x, y, cos, sin, mask) => {
    const [value, g] = gradient(tree.ref(w), x, y, cos, sin, mask)
    const m2 = tree.map((a, b) => a.mul(0.9).add(b.mul(0.1)), m, tree.ref(g))
    const v2 = tree.map((a, b) => a.mul(0.999).add(b.ref.mul(b).mul(0.001)), v, g)
    const move = (a, first, second) =>
      a.mul(1 - 3e-4 * 0.01).sub(
        first
          .mul(c1.ref)
          .div(np.sqrt(second.mul(c2.ref)).add(1e-8))
          .mul(3e-4)
      )
    const w2 = tree.map(move, w, tree.ref(m2), tree.ref(v2))
    for (const used of [c1, c2]) used.dispose()
    return [value, w2, m2, v2]
  })
  const oneHot = (ids) => {
    const dense = new Float32Array(ids.length * vocab)
    ids.forEach((id, i) => (dense[i * vocab + id] = 1))
    return array(dense, [ids.length, vocab])
  }
  const tokens = stepTokens(c)
  const [x, y] = [oneHot(tokens.x), oneHot(tokens.y)]
  const zeros = () => tree.map((a) => np.zeros(a.shape), initial)
  let state = [initial, zeros(), zeros()]
  let t = 0
  const run = async () => {
    t++
    const [c1, c2] = [np.array(1 / (1 - 0.9 ** t)), np.array(1 / (1 - 0.999 ** t))]
    const [value, ...next] = step(...state, c1, c2, x.ref, y.ref, cosine.ref, sine.ref, causal.ref)
    state = next
    // On WebGL waiting means reading back, here all weights; the loss says as much.
    if (backend !== "webgl") await blockUntilReady(state[0])
    return (await value.data())[0]
  }
  return { run, meanAbs: await run() }
}

await serve(`@jax-js/jax ${backend}`, (c) => {
  switch (c.kind) {
    case "gemm": {
      const sizes = (rows, columns) => (c.batch === 1 ? [rows, columns] : [c.batch, rows, columns])
      const a = array(fill(c.batch * c.m * c.k, 0), c.transposeA ? sizes(c.k, c.m) : sizes(c.m, c.k))
      const b = array(fill(c.batch * c.k * c.n, 1), c.transposeB ? sizes(c.n, c.k) : sizes(c.k, c.n))
      const product = jit((p, q) => np.matmul(c.transposeA ? swapped(p) : p, c.transposeB ? swapped(q) : q))
      return ready(product, [a, b])
    }
    case "softmax":
    case "rmsnorm": {
      const x = array(fill(c.rows * c.columns, 0, 8), [c.rows, c.columns])
      return c.kind === "softmax"
        ? ready(
            jit((v) => nn.softmax(v, -1)),
            [x]
          )
        : ready(jit(rms), [x, np.ones([c.columns])])
    }
    case "gelu":
    case "silu":
      return ready(
        jit((x) => nn[c.kind](x)),
        [np.array(fill(c.length, 0, 8))]
      )
    case "adamw":
      return adamw(c.length)
    case "step":
      return trainingStep(c)
    default:
      throw new Refused(`not written for jax-js: ${c.kind}`)
  }
})
