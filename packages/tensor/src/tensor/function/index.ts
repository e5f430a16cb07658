export * from "./asinh.ts"
export * from "./atan.ts"
export * from "./expm1.ts"
export * from "./log1p.ts"
