/** Rollouts: from questions to finished attempts. */
export { likeliestSymbol, sampledSymbol } from "../policy/choose.ts"
export {
  type GenerateError,
  type GenerateOptions,
  type Generator,
  generator,
  type Rollout,
  type Wording
} from "./generate.ts"
export { type Acted, gathering, type Gathering } from "./gather.ts"
export { type Phrase, type Phrasing, phrasing } from "./phrasing.ts"
export { type Prefix } from "./prefix.ts"
export { type Rolled, type RolloutState, sampler, type Sampler, type SamplerOptions } from "./sampler.ts"
export { type Chance, take, type Taken, type ThoughtOptions } from "./think.ts"
export { type Attention, type Seen, type SeenLatent, type Watched, type Watching, watching } from "./watching.ts"
export { writeAfter } from "./writeAfter.ts"
export { type Uniforms, type Voice, write, type WriteOptions, type Writing, type Wrote } from "./write.ts"
