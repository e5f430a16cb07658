import type { Device } from "@noema/tensor"
import type * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"

/** A picture of a lesson, as it is drawn. */
export type Picture = Effect.Effect<string, unknown, Device.Device | FileSystem.FileSystem | Scope.Scope>
