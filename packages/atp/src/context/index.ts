/** Contexts: what has been read, thought and written so far. */
export {
  type Added,
  advance,
  append,
  type Context,
  type ContextState,
  holding,
  insert,
  type Mind,
  prefill,
  prefillPacked,
  read,
  readBy,
  renamed,
  rowsOf,
  type Seen,
  withRoom
} from "./context.ts"
export { attemptsAt, behindLatent, behindLatents, roomFor } from "./mind.ts"
export type { Packed } from "./packed.ts"
export type { Arrangement, Cache, KeyValue, Passed, Sight, Transformer } from "./transformer.ts"
