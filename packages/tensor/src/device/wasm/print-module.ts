/** A WebAssembly module as text, for `NOEMA_DEBUG=source`. */
import type { KernelFunction } from "../../emit/wasm/index.ts"

/**
 * The functions of a module and where its bytes can be looked at: in Node they are written to the temporary folder, for
 * `wasm-objdump -d` and its like.
 */
export const printModule = (bytes: Uint8Array, kernels: ReadonlyMap<string, KernelFunction>): string =>
  [
    `WebAssembly module, ${bytes.length} bytes${keep(bytes)}`,
    ...[...kernels].map(([signature, { extent, name, scratchBytes }]) => {
      const { kind } = JSON.parse(signature) as { readonly kind: string }
      return `  ${name}: ${kind} over ${extent}, scratch ${scratchBytes} bytes`
    })
  ].join("\n")

const keep = (bytes: Uint8Array): string => {
  const node = (globalThis as { readonly process?: Partial<Pick<typeof process, "getBuiltinModule" | "pid">> }).process
  if (node?.getBuiltinModule === undefined) return ""
  const path = node.getBuiltinModule("node:path")
  const folder = node.getBuiltinModule("node:os").tmpdir()
  const file = path.join(folder, `noema-${node.pid}-${modules++}.wasm`)
  node.getBuiltinModule("node:fs").writeFileSync(file, bytes)
  return `, kept in ${file}`
}

let modules = 0
