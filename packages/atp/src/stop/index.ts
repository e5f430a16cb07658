/** Stop rules: when there have been enough latents. */
export { byMark } from "./byMark.ts"
export { byToken } from "./byToken.ts"
export { fixedCount, learned, type Proposal, rule, type StopRule } from "./stop.ts"
