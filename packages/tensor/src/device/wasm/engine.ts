/** What this engine can do: found out by validating small modules, and for what no module can tell, by a trial. */
import { f32x4, ModuleBuilder, v128 } from "../../emit/wasm/assembler.ts"
import type { Tier } from "../../emit/wasm/tier.ts"
import { trial } from "./trial.ts"

export const revectorizeFlag = "--experimental-wasm-revectorize"

/** Versions of V8 in which joining vectors was measured to work: Node 24's and Node 26's. */
const revectorizes = (v8: string | undefined): boolean => v8 !== undefined && /^(13\.6|14\.6)\./.test(v8)

const validates = (build: (module: ModuleBuilder) => void): boolean => {
  const module = new ModuleBuilder({ shared: false })
  build(module)
  return WebAssembly.validate(module.encode())
}

const hasSimd = (): boolean =>
  validates((module) =>
    module.function("probe", ["i32"], (body, at) => body.store(at, f32x4.add(v128.load(at), v128.load(at))))
  )

const hasRelaxedSimd = (): boolean =>
  validates((module) =>
    module.function("probe", ["i32"], (body, at) => {
      const x = body.let(v128.load(at))
      body.store(at, f32x4.relaxedMadd(x, x, x))
    })
  )

/** What the choice depends on; tests give their own. */
export interface Engine {
  readonly simd: boolean
  readonly relaxedSimd: boolean
  readonly v8: string | undefined
  /** `NOEMA_WASM_TIER`. */
  readonly wanted: string | undefined
  /** The flag was given on the command line. */
  readonly flagged: boolean
  /** Tries the flag where it can do no harm. */
  readonly trial: () => Promise<boolean>
  readonly setFlag: () => void
}

export const thisEngine = (): Engine => {
  const node = globalThis.process
  const v8 = node?.getBuiltinModule?.("node:v8")
  return {
    simd: hasSimd(),
    relaxedSimd: hasRelaxedSimd(),
    v8: v8 === undefined ? undefined : node.versions.v8,
    wanted: node?.env?.["NOEMA_WASM_TIER"],
    flagged: [...(node?.execArgv ?? []), ...(node?.env?.["NODE_OPTIONS"] ?? "").split(" ")].includes(revectorizeFlag),
    trial,
    setFlag: () => v8?.setFlagsFromString(revectorizeFlag)
  }
}

export type Choice = { readonly tier: Tier; readonly why: string } | { readonly tier: null; readonly why: string }

/**
 * The fastest tier that is known to work. The engine's flag holds for the whole process, so it is set only if
 * `engineFlags` says that the process is the caller's to configure, or `NOEMA_WASM_TIER` asks for it by name.
 */
export const chooseTier = async (engine: Engine, engineFlags: boolean): Promise<Choice> => {
  const { wanted } = engine
  if (!engine.simd) return { tier: null, why: "this engine has no WebAssembly SIMD" }
  switch (wanted) {
    case undefined:
    case "":
      break
    case "simd128":
      return { tier: "simd128", why: "NOEMA_WASM_TIER" }
    case "fma":
    case "revectorize":
      if (!engine.relaxedSimd)
        return { tier: null, why: `NOEMA_WASM_TIER is ${wanted} and this engine has no relaxed SIMD` }
      if (wanted === "fma") return { tier: "fma", why: "NOEMA_WASM_TIER" }
      if (engine.v8 === undefined) return { tier: null, why: "NOEMA_WASM_TIER is revectorize and this is not V8" }
      engine.setFlag()
      return { tier: "revectorize", why: "NOEMA_WASM_TIER" }
    default:
      return { tier: null, why: `NOEMA_WASM_TIER: expected simd128, fma or revectorize, found ${wanted}` }
  }
  if (!engine.relaxedSimd) return { tier: "simd128", why: "this engine has no relaxed SIMD" }
  if (!engineFlags && !engine.flagged) return { tier: "fma", why: "engine flags were not asked for" }
  if (!revectorizes(engine.v8)) return { tier: "fma", why: `V8 ${engine.v8 ?? "absent"} is not on the list` }
  if (!(await engine.trial())) return { tier: "fma", why: "the trial of wider vectors failed" }
  engine.setFlag()
  return { tier: "revectorize", why: "the trial of wider vectors succeeded" }
}
