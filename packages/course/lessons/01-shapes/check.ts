import { checks } from "../../src/check/index.ts"

export default checks<unknown>({
  hint: "Write the two shapes below each other, aligned on the right: in a product the last of the first meets the last but one of the second, in a sum of tensors equal places meet. A sentence is the whole text within the quotes that your editor shows at the line, without the quotes.",
  checks: []
})
