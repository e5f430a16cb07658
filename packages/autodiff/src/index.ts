export { pullback } from "./transform/pullback.ts"
