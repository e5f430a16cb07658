/** `Wasm`: the device on WebAssembly SIMD and worker threads. */
export { layer, type WasmOptions } from "./layer.ts"
