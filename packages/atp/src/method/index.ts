/** Methods: records of parts and of functions of them. */
export {
  type BackbonePart,
  type Method,
  method,
  type MethodRecord,
  type Put,
  type Reinforced,
  type Reinforcement,
  type Used
} from "./method.ts"
export type { Model } from "../model/model.ts"
