import type { PlatformError } from "effect/PlatformError"

/** What the system said, such as `ENOSPC: no space left on device`, without the name of its call. */
export const reasonOf = ({ cause, message }: PlatformError): string =>
  cause instanceof Error ? cause.message.replace(/, \w+( '.*')?$/, "") : message
