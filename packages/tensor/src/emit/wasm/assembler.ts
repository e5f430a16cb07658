/**
 * A small typed WebAssembly assembler: MVP integers and floats, bulk copies, simd128, relaxed SIMD and atomics over one imported
 * memory. Instructions are functions of values, statements are methods of a `FunctionBuilder`, functions belong to a
 * `ModuleBuilder`.
 */
export { call, FunctionBuilder } from "./assembler/function.ts"
export type { Callable, Label, LocalsOf, Types } from "./assembler/function.ts"
export { atomic, f32, f32x4, f64x2, i32, i32x4, i64x2, i8x16, select, v128 } from "./assembler/instructions.ts"
export type { Lane } from "./assembler/instructions.ts"
export { ModuleBuilder } from "./assembler/module.ts"
export type { F32, F32Like, I32, I32Like, Local, V128, Value, ValueType } from "./assembler/value.ts"
export { local } from "./assembler/value.ts"
