export * from "../../../packages/atp/src/pairs/actions.ts"
export * from "../../../packages/atp/src/pairs/attempts.ts"
export * from "../../../packages/atp/src/pairs/batch.ts"
