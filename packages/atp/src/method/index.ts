/** Methods: records of parts and of functions of them. */
export {
  type BackbonePart,
  type Method,
  method,
  type MethodRecord,
  type Parts,
  type Put,
  type Reinforced,
  type Reinforcement
} from "./method.ts"
export type { Model } from "../model/model.ts"
