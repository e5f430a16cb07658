/** What checks run on, by what they look at. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { type Device, Reference, Wasm } from "@noema/tensor"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type { Kind } from "../check/check.ts"

/** One thread, so that the same seed gives the same bits wherever the course is taken. */
const devices = { values: Reference.layer, training: Wasm.layer({ threads: 1 }), behaviour: Wasm.layer({ threads: 1 }) }

/** The device that checks of a kind run on, and files for them to read. */
export const layerOf = (kind: Kind): Layer.Layer<Device.Device | FileSystem.FileSystem, Device.DeviceUnavailable> =>
  Layer.merge(devices[kind], NodeFileSystem.layer)
