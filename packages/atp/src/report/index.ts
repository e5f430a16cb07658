/** Reports of runs: curves of training, tables of results, as one page or as text. */
export { BadComparison, compared, type Ended, type Row, type Table } from "./compare.ts"
export { comparisonPage, comparisonText } from "./comparison.ts"
export { completionsOf } from "./completions.ts"
export { type Metrics, ofTraining } from "./curves.ts"
export { differencesOf, differenceText } from "./differences.ts"
export { html } from "./html.ts"
export {
  type Completion,
  type Difference,
  type Line,
  type PassLine,
  type Result,
  type Sample,
  Summary
} from "./summary.ts"
export { heatMap, lineChart } from "./svg.ts"
export { accuracyText, passText, tableOf } from "./table.ts"
