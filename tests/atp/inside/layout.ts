export * from "../../../packages/atp/src/layout/layout.ts"
export * from "../../../packages/atp/src/layout/pack.ts"
