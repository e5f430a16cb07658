/** Chains in a number of groups that does not depend on them. */
import { Layout, Methods, Tokenizer } from "../inside.ts"
import fc from "fast-check"
import { expect, test } from "vitest"
import { small } from "../small.ts"

test("blocks have all steps in order, and as many as the others or one more", () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 30 }), fc.integer({ min: 1, max: 8 }), (steps, groups) => {
      const blocks = Layout.inBlocks(steps, groups)
      expect(blocks.flat()).toEqual(groups > 1 ? steps : [])
      expect(blocks.length).toBe(Math.min(steps.length, groups - 1))
      const sizes = blocks.map(({ length }) => length)
      if (sizes.length > 0) expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    })
  )
  // Two blocks before the answer, as the released code divides five lines.
  expect(Layout.inBlocks(["a", "b", "c", "d", "e"], 3)).toEqual([
    ["a", "b", "c"],
    ["d", "e"]
  ])
})

test("groups say the steps of their block, and those that are left the answer", () => {
  const { subject } = small()
  const { tokenizer } = subject
  const { layout } = Methods.methods.marcos
  const form = { latentSteps: layout.blocks!, text: "none" } as const
  for (const problem of subject.train) {
    const options = { context: 96, maxSteps: subject.maxSteps, spare: layout.spare, blocks: layout.blocks! }
    const { groups, tail } = Layout.pack(tokenizer, problem, form, options)
    const said = groups.map((group) =>
      tokenizer.decode(group.slice(0, -1).filter((s) => s !== Tokenizer.special("###")))
    )
    const blocks = Layout.inBlocks(problem.steps, layout.blocks!)
    const encoded = (block: ReadonlyArray<string>) =>
      block.flatMap((step, i) => [...(i === 0 ? [] : [Tokenizer.special("<sep>")]), ...tokenizer.encode(step)])
    expect(groups.slice(0, blocks.length)).toEqual(
      blocks.map((block) => [...encoded(block), Tokenizer.special("<eos>")])
    )
    expect(new Set(said.slice(blocks.length))).toEqual(new Set([problem.answer]))
    // No step is written.
    expect(tail.length).toBe(tokenizer.encode(problem.answer).length + 3)
  }
})
