/** Claims as a table with their verdicts, and those that no cell judges as a list. */
import { type Claim, type Find, judge } from "./judge.ts"
import { table } from "./markdown.ts"

/** Each claim with where it is from, its verdict and what that rests on. */
export const verdictTable = (claims: ReadonlyArray<Claim>, find: Find): string =>
  table(
    ["claim", "from", "verdict", "evidence: mean and 95 % interval over seeds"],
    claims.map((claim) => {
      const { evidence, verdict } = judge(claim, find)
      return [`\`${claim.id}\`: ${claim.sentence}`, claim.source, `**${verdict}**`, evidence]
    })
  )

/** What no cell judges, and what that would take. */
export const openList = (open: ReadonlyArray<readonly [says: string, takes: string]>): ReadonlyArray<string> => [
  "No cell judges these yet:",
  "",
  ...open.map(([says, takes]) => `- ${says} It takes ${takes}.`)
]
