/** Stop rules: when there have been enough latents. */
export { fixedCount, learned, type Proposal, rule, type StopRule } from "./stop.ts"
