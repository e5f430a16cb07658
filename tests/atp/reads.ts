/** A device that says what is read from it. */
import { Device } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** The lengths of the arrays that came to the host together, one list for every time that it waited for some. */
export type Reads = Array<ReadonlyArray<number>>

export const watched = <E>(layer: Layer.Layer<Device.Device, E>, reads: Reads): Layer.Layer<Device.Device, E> =>
  Layer.effect(
    Device.Device,
    Effect.map(Device.Device, (device) => ({
      ...device,
      read: (buffer) => Effect.tap(device.read(buffer), ({ length }) => Effect.sync(() => reads.push([length]))),
      compile: (graph, options) =>
        Effect.map(device.compile(graph, options), (executable) => ({
          ...executable,
          run: (args, into) =>
            Effect.tap(executable.run(args, into), (results) =>
              Effect.sync(() => {
                const came = results.flatMap((data) => (data === null ? [] : [data.length]))
                if (came.length > 0) reads.push(came)
              })
            )
        }))
    }))
  ).pipe(Layer.provide(layer))
