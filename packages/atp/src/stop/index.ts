/** Stop rules: when there have been enough latents. */
export { byMark } from "./byMark.ts"
export { byToken } from "./byToken.ts"
export { coldStop, type ColdStopOptions } from "./coldStop.ts"
export { shadow, type ShadowOptions } from "./shadow.ts"
export {
  either,
  fixedCount,
  learned,
  type Proposal,
  rule,
  type StopRule,
  type SureRule,
  watching,
  type Watching
} from "./stop.ts"
