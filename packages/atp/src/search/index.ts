/** Search at test time: several attempts at a question become one answer. */
export {
  type Beam,
  beam,
  bestOf,
  type Candidate,
  type Choice,
  described,
  mostAttempts,
  type Search,
  single,
  type Stirring,
  vote,
  weightedVote,
  withDropout,
  withNoise
} from "./search.ts"
export { BadSearch, type Found, takenOf } from "./searching.ts"
