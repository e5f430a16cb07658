import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { chooseTier, type Engine, thisEngine } from "../../../packages/tensor/src/device/wasm/engine.ts"

/** A Node 24 on which the trial succeeds, and what was done to it. */
const engine = (change: Partial<Engine> = {}) => {
  const did = { flags: 0, trials: 0 }
  const made: Engine = {
    simd: true,
    relaxedSimd: true,
    v8: "13.6.233.17-node.37",
    wanted: undefined,
    flagged: false,
    trial: () => {
      did.trials++
      return Promise.resolve(true)
    },
    setFlag: () => void did.flags++,
    ...change
  }
  return { engine: made, did }
}

describe("choice of the tier", () => {
  it("never touches engine flags, nor tries them, unless asked", async () => {
    const { engine: node, did } = engine()
    expect(await chooseTier(node, false)).toEqual({ tier: "fma", why: "engine flags were not asked for" })
    expect(did).toEqual({ flags: 0, trials: 0 })
  })

  it("takes wider vectors after a successful trial", async () => {
    const { engine: node, did } = engine()
    expect((await chooseTier(node, true)).tier).toBe("revectorize")
    expect(did).toEqual({ flags: 1, trials: 1 })
  })

  it("accepts a flag given on the command line, after the same trial", async () => {
    const { engine: node, did } = engine({ flagged: true })
    expect((await chooseTier(node, false)).tier).toBe("revectorize")
    expect(did.trials).toBe(1)
  })

  it("falls back to fma, with no flag set, when the trial fails", async () => {
    const { engine: node, did } = engine({ trial: () => Promise.resolve(false) })
    expect(await chooseTier(node, true)).toEqual({ tier: "fma", why: "the trial of wider vectors failed" })
    expect(did.flags).toBe(0)
  })

  it.each([
    ["13.6.233.17-node.37", "revectorize"],
    ["14.6.1.2-node.3", "revectorize"],
    ["12.4.254.21-node.33", "fma"],
    ["13.60.1", "fma"],
    ["14.7.0.1", "fma"],
    [undefined, "fma"]
  ])("on V8 %s it is %s", async (v8, tier) => {
    const { engine: node, did } = engine({ v8 })
    expect((await chooseTier(node, true)).tier).toBe(tier)
    expect(did.trials).toBe(tier === "fma" ? 0 : 1)
  })

  it("is simd128 without relaxed SIMD, and nothing without SIMD", async () => {
    expect((await chooseTier(engine({ relaxedSimd: false }).engine, true)).tier).toBe("simd128")
    expect(await chooseTier(engine({ simd: false, relaxedSimd: false }).engine, true)).toEqual({
      tier: null,
      why: "this engine has no WebAssembly SIMD"
    })
  })

  it("obeys NOEMA_WASM_TIER without a trial", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("simd128", "fma", "revectorize"), fc.boolean(), async (wanted, flags) => {
        const { engine: node, did } = engine({ wanted })
        expect(await chooseTier(node, flags)).toEqual({ tier: wanted, why: "NOEMA_WASM_TIER" })
        expect(did).toEqual({ flags: wanted === "revectorize" ? 1 : 0, trials: 0 })
      })
    )
  })

  it("refuses a tier that does not exist or cannot be", async () => {
    expect((await chooseTier(engine({ wanted: "avx512" }).engine, true)).why).toBe(
      "NOEMA_WASM_TIER: expected simd128, fma or revectorize, found avx512"
    )
    expect((await chooseTier(engine({ wanted: "fma", relaxedSimd: false }).engine, true)).why).toBe(
      "NOEMA_WASM_TIER is fma and this engine has no relaxed SIMD"
    )
    expect((await chooseTier(engine({ wanted: "revectorize", v8: undefined }).engine, true)).why).toBe(
      "NOEMA_WASM_TIER is revectorize and this is not V8"
    )
  })

  it("finds SIMD and relaxed SIMD here", () => {
    const found = thisEngine()
    expect(found.simd && found.relaxedSimd).toBe(true)
    expect(found.v8).toBe(process.versions.v8)
  })
})

describe("trial", () => {
  it("finds the same numbers with wider vectors, in a process of its own", () => {
    const child = new URL("../../../packages/tensor/src/device/wasm/trial-child.ts", import.meta.url)
    const verdict = execFileSync(process.execPath, ["--no-warnings", fileURLToPath(child)], { encoding: "utf8" })
    expect(verdict).toMatch(/^(works|same numbers, [\d.]+ times as fast)$/)
  })
})
