/** Functions the emitted kernels call. A kernel carries those that its text names, and those that these call. */
import { order } from "./order.ts"
import { smooth } from "./smooth.ts"
import { turns } from "./turns.ts"
import { whole } from "./whole.ts"

const sources = { ...smooth, ...turns, ...order, ...whole }

type Name = keyof typeof sources

const names = Object.keys(sources) as ReadonlyArray<Name>

/** The functions that `text` calls, and those that they call. */
export const calledFrom = (text: string): ReadonlyArray<string> => {
  const called = new Set<Name>()
  const visit = (source: string): void => {
    for (const name of names)
      if (!called.has(name) && new RegExp(`\\b${name}\\(`).test(source)) {
        called.add(name)
        visit(sources[name])
      }
  }
  visit(text)
  return names.filter((name) => called.has(name)).map((name) => sources[name])
}
