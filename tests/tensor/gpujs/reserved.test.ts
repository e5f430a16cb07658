/** Functions that kernels call are text in two languages: a name that one of them keeps for itself compiles in the other alone. */
import { expect, it } from "vitest"
import { order } from "../../../packages/tensor/src/emit/gpujs/functions/order.ts"
import { smooth } from "../../../packages/tensor/src/emit/gpujs/functions/smooth.ts"
import { turns } from "../../../packages/tensor/src/emit/gpujs/functions/turns.ts"
import { whole } from "../../../packages/tensor/src/emit/gpujs/functions/whole.ts"

/** WGSL, sections 15.1 and 15.2. */
const reserved =
  "NULL Self abstract active alias alignas alignof as asm asm_fragment async attribute auto await become break case cast catch class co_await co_return co_yield coherent column_major common compile compile_fragment concept const const_assert const_cast consteval constexpr constinit continue continuing crate debugger decltype default delete demote demote_to_helper diagnostic discard do dynamic_cast else enable enum explicit export extends extern external fallthrough false filter final finally fn for friend from fxgroup get goto groupshared highp if impl implements import inline instanceof interface layout let loop lowp macro macro_rules match mediump meta mod module move mut mutable namespace new nil noexcept noinline nointerpolation non_coherent noncoherent noperspective null nullptr of operator override package packoffset partial pass patch pixelfragment precise precision premerge priv protected pub public readonly ref regardless register reinterpret_cast require requires resource restrict return self set shared sizeof smooth snorm static static_assert static_cast std struct subroutine super switch target template this thread_local throw trait true try type typedef typeid typename typeof union unless unorm unsafe unsized use using var varying virtual volatile wgsl where while with writeonly yield".split(
    " "
  )

it.each(Object.entries({ ...smooth, ...turns, ...order, ...whole }))("%s names nothing as WGSL does", (_, source) => {
  const parameters = /^function \w+\(([^)]*)\)/.exec(source)![1]!.split(", ")
  const names = [...parameters, ...[...source.matchAll(/\b(?:const|let) (\w+)/g)].map(([, name]) => name!)]
  expect(names.filter((name) => reserved.includes(name))).toEqual([])
})
