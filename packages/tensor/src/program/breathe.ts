import * as Effect from "effect/Effect"

/** Milliseconds a fiber may run programs before it lets others, and interruption, have a turn. */
const patience = 10

let last = 0

/** A device may run without ever waiting; this keeps a loop of such runs interruptible and its process responsive. */
export const breathe: Effect.Effect<void> = Effect.suspend(() => {
  const now = performance.now()
  if (now - last < patience) return Effect.void
  last = now
  return Effect.yieldNow
})
