/** Methods: records of parts and of functions of them. */
export {
  type BackbonePart,
  type Changes,
  type Method,
  method,
  type MethodOf,
  type MethodRecord,
  type Parts,
  type Put,
  type Reinforced,
  type Reinforcement,
  variant
} from "./method.ts"
export type { Source } from "./source.ts"
export type { Model } from "../model/model.ts"
