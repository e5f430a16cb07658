// The loops one would write by hand in JavaScript.
import { fill, meanAbs } from "../harness/cases.ts"
import { Refused, serve } from "../harness/serve.ts"

// Abramowitz and Stegun 7.1.26, exact to 1.5e-7.
const erf = (x) => {
  const t = 1 / (1 + 0.3275911 * Math.abs(x))
  const tail = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
  return Math.sign(x) * (1 - tail * Math.exp(-x * x))
}

const elementwise = {
  gelu: (x, y) => {
    for (let i = 0; i < x.length; i++) {
      const v = x[i]
      y[i] = 0.5 * v * (1 + Math.tanh(0.7978845608028654 * (v + 0.044715 * v * v * v)))
    }
  },
  "exact gelu": (x, y) => {
    for (let i = 0; i < x.length; i++) y[i] = 0.5 * x[i] * (1 + erf(x[i] * Math.SQRT1_2))
  },
  silu: (x, y) => {
    for (let i = 0; i < x.length; i++) y[i] = x[i] / (1 + Math.exp(-x[i]))
  }
}

const rows = {
  softmax: (x, y, count, columns) => {
    for (let r = 0; r < count; r++) {
      const from = r * columns
      let max = -Infinity
      for (let c = 0; c < columns; c++) max = Math.max(max, x[from + c])
      let sum = 0
      for (let c = 0; c < columns; c++) sum += y[from + c] = Math.exp(x[from + c] - max)
      for (let c = 0; c < columns; c++) y[from + c] /= sum
    }
  },
  rmsnorm: (x, y, count, columns, weight) => {
    for (let r = 0; r < count; r++) {
      const from = r * columns
      let sum = 0
      for (let c = 0; c < columns; c++) sum += x[from + c] * x[from + c]
      const scale = 1 / Math.sqrt(sum / columns + 1e-5)
      for (let c = 0; c < columns; c++) y[from + c] = x[from + c] * scale * weight[c]
    }
  }
}

const gemm = (c, a, b, out) => {
  const { batch, m, n, k } = c
  const [am, ak] = c.transposeA ? [1, m] : [k, 1]
  const [bk, bn] = c.transposeB ? [1, k] : [n, 1]
  out.fill(0)
  for (let z = 0; z < batch; z++)
    for (let i = 0; i < m; i++)
      for (let l = 0; l < k; l++) {
        const v = a[z * m * k + i * am + l * ak]
        const to = (z * m + i) * n
        const from = z * k * n + l * bk
        for (let j = 0; j < n; j++) out[to + j] += v * b[from + j * bn]
      }
}

const adamw = (p, g, m, v) => {
  const c1 = 1 / (1 - 0.9 ** 10)
  const c2 = 1 / (1 - 0.999 ** 10)
  for (let i = 0; i < p.length; i++) {
    m[i] = 0.9 * m[i] + 0.1 * g[i]
    v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i]
    p[i] -= 3e-4 * ((m[i] * c1) / (Math.sqrt(v[i] * c2) + 1e-8) + 0.01 * p[i])
  }
}

const ready = (run, output) => {
  run()
  return { run, meanAbs: meanAbs(output) }
}

await serve(`V8 ${process.versions.v8}`, (c) => {
  switch (c.kind) {
    case "gemm": {
      const out = new Float32Array(c.batch * c.m * c.n)
      const a = fill(c.batch * c.m * c.k, 0)
      const b = fill(c.batch * c.k * c.n, 1)
      return ready(() => gemm(c, a, b, out), out)
    }
    case "softmax":
    case "rmsnorm": {
      const x = fill(c.rows * c.columns, 0, 8)
      const y = new Float32Array(x.length)
      const weight = new Float32Array(c.columns).fill(1)
      return ready(() => rows[c.kind](x, y, c.rows, c.columns, weight), y)
    }
    case "gelu":
    case "exact gelu":
    case "silu": {
      const x = fill(c.length, 0, 8)
      const y = new Float32Array(c.length)
      return ready(() => elementwise[c.kind](x, y), y)
    }
    case "adamw": {
      const p = fill(c.length, 0)
      const [g, m, v] = [fill(c.length, 1), fill(c.length, 2, 0.01), fill(c.length, 3, 0.01).map((s) => s * s)]
      return ready(() => adamw(p, g, m, v), p)
    }
    default:
      throw new Refused(`no plain loops for ${c.kind}`)
  }
})
