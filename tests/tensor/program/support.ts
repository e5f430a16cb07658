import { Device, Reference } from "@noema/tensor"
import { rebuild, topological } from "@noema/tensor/graph"
import type { Graph, Node } from "@noema/tensor/graph"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

/** Runs on the reference device, in a scope of its own. */
export const onReference = <A, E>(
  effect: Effect.Effect<A, E, Device.Device | Scope.Scope>,
  options: Reference.ReferenceOptions = {}
): Effect.Effect<A, E> => Effect.scoped(effect).pipe(Effect.provide(Layer.orDie(Reference.layerWith(options))))

/** The reference device, counting what it compiles. */
export const counting = () => {
  const compiled: Array<Device.CompileOptions | undefined> = []
  const layer = Layer.effect(
    Device.Device,
    Effect.map(Device.Device, (device) => ({
      ...device,
      compile: (graph: Graph, options?: Device.CompileOptions) =>
        Effect.suspend(() => {
          compiled.push(options)
          return device.compile(graph, options)
        })
    }))
  ).pipe(Layer.provide(Reference.layer))
  return { compiled, layer }
}

/** The outputs of a graph on other inputs. */
export const graft = (graph: Graph, inputs: ReadonlyArray<Node>): ReadonlyArray<Node> => {
  const made = new Map<Node, Node>(graph.inputs.map((node, i) => [node, inputs[i]!]))
  for (const node of topological(graph.outputs))
    if (!made.has(node))
      made.set(
        node,
        rebuild(
          node,
          node.inputs.map((input) => made.get(input)!)
        )
      )
  return graph.outputs.map((node) => made.get(node)!)
}
