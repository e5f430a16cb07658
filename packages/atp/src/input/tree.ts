/** Options as plain data: trees that are laid over each other. */

/** An object of plain data. */
export type Tree = { readonly [name: string]: unknown }

/** Whether a value is an object of plain data, and not a list. */
export const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The options of `over`, and those of `under` that it leaves open. */
export const merged = (under: Tree, over: Tree): Tree =>
  Object.fromEntries([
    ...Object.entries(under),
    ...Object.entries(over)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => {
        const below = Object.hasOwn(under, name) ? under[name] : undefined
        return [name, isTree(value) && isTree(below) ? merged(below, value) : value] as const
      })
  ])

/** A value as JSON has it. */
export const plainOf = (value: object): Tree => JSON.parse(JSON.stringify(value)) as Tree
