/** Programs that must not compile; above each, what the type checker says. */
import { grad, hvp, jvp, Optimiser, straightThrough, valueAndGrad, valueAndGradWith, vjp } from "@noema/autodiff"
import { type Dim, Tensor } from "@noema/tensor"

interface Params {
  readonly w: Tensor.Tensor<[4, 2]>
  readonly layers: ReadonlyArray<{ readonly b: Tensor.Tensor<[2]> }>
}
interface Indexed {
  readonly w: Tensor.Tensor<[4]>
  readonly rows: readonly [Tensor.Tensor<[2]>, Tensor.Tensor<[2], "i32">]
}
interface Branch {
  readonly w: Tensor.Tensor<[4]>
  readonly left: Branch | null
  readonly others: ReadonlyArray<Branch>
}
declare const params: Params
declare const indexed: Indexed
declare const vector: Tensor.Tensor<[3]>
declare const never: never

//! '"grad: the loss must be one number, and has shape [batch, 2]"'
grad((p: Params, x: Tensor.Tensor<["batch", 4]>) => Tensor.matmul(x, p.w))

//! '"valueAndGrad: the loss must be one number, and has shape [2]"'
valueAndGrad((p: Params) => Tensor.sum(p.w, 0))

//! '"grad: the loss must be f32, and is i32"'
grad((p: Params) => Tensor.argmax(Tensor.reshape(p.w, [8]), 0))

//! '"grad: the loss must be a tensor"'
grad((p: Params) => p.layers.length)

//! '"valueAndGradWith: the loss must be one number, and has shape [4, 2]"'
valueAndGradWith((p: Params) => [p.w, {}] as const)

//! '"grad: params.rows.1 is i32, and only f32 has a gradient"'
grad((p: Indexed) => Tensor.sum(p.w))

//! '"grad: params is bool, and only f32 has a gradient"'
grad((p: Tensor.Tensor<[2], "bool">) => Tensor.sum(Tensor.zeros([p.sizes.length])))

//! '"hvp: the loss must be one number, and has shape [3]"'
hvp((x: Tensor.Tensor<[3]>) => Tensor.exp(x), vector, vector)

//! '"vjp: params.rows.1 is i32, and only f32 has a gradient"'
vjp((p: Indexed) => p.w, indexed)

//! '"jvp: params.rows.1 is i32, and only f32 has a gradient"'
jvp((p: Indexed) => p.w, indexed, indexed)

//! '"hvp: params.1 is bool, and only f32 has a gradient"'
hvp((p: readonly [Tensor.Tensor<[2]>, Tensor.Tensor<[2], "bool">]) => Tensor.sum(p[0]), never, never)

//! '"valueAndGradWith: params.rows.1 is i32, and only f32 has a gradient"'
valueAndGradWith((p: Indexed) => [Tensor.sum(p.w), {}] as const)

//! '"grad: params.heads is not a tensor"'
grad((p: { readonly w: Tensor.Tensor<[4]>; readonly heads: number }) => Tensor.sum(p.w))

//! '"vjp: params.1 is not a tensor"'
vjp((p: readonly [Tensor.Tensor<[3]>, string]) => p[0], [vector, "x"])

const optimiser = Optimiser.sgd({ learningRate: 0.1 })

//! Type 'Tensor<[3], "f32">' is not assignable to type 'Tensor<[4], "f32">'
optimiser.update({ w: vector }, optimiser.init({}), { w: Tensor.zeros([4]) })

//! Type 'Tensor<[3], "f32">' is not assignable to type 'Tensor<[4], "f32">'
Optimiser.applyUpdates({ w: Tensor.zeros([4]) }, { w: vector })

const slope = grad((p: Params) => Tensor.sum(p.w))

//! Type 'Tensor<[3], "f32">' is missing the following properties from type 'Params': w, layers
jvp(slope, params, vector)

//! is not assignable to parameter of type 'Tensor<NoInfer<[3]>, "f32">'
straightThrough(vector, Tensor.zeros([4]))

//! Property 'layers' is missing in type '{ w: Tensor.Tensor<[4, 2], "f32">; }' but required in type 'Params'
grad((p: Params) => Tensor.sum(p.w))({ w: params.w })

// What is not known is not refused, and what is right compiles.
grad((p: { readonly w: Tensor.Tensor<[4]>; readonly bias?: Tensor.Tensor<[4]> }) => Tensor.sum(p.w))
grad((p: Branch) => Tensor.sum(p.w))
grad((p: Params) => Tensor.sum(p.w))(params).layers[0]!.b satisfies Tensor.Tensor<[2]>
grad((p: Tensor.AnyTensor) => p as Tensor.Tensor)
grad(<B extends Dim>(p: Params, x: Tensor.Tensor<[B, 4]>) => Tensor.sum(Tensor.matmul(x, p.w)))
vjp((p: Params) => ({ y: p.w }), params).pull({ y: params.w }).layers satisfies Params["layers"]
jvp(
  grad((p: Params) => Tensor.sum(p.w)),
  params,
  params
).tangent satisfies Params
jvp(
  valueAndGrad((p: Params) => Tensor.sum(p.w)),
  params,
  params
).tangent.gradient satisfies Params
vjp(
  grad((x: Tensor.Tensor<[3]>) => Tensor.sum(x)),
  vector
).pull(vector) satisfies Tensor.Tensor<[3]>
