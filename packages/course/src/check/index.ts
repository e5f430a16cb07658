/** What lessons check exercises with. */
export { layerSpecs, oneLayer, throughLayer } from "./backbone.ts"
export { type Check, checks, type Checks, firstOf, type Kind } from "./check.ts"
export { difference, type Nested, numbers, onAll, shown, table, valueOf } from "./values.ts"
export { probed } from "./probing.ts"
export { attemptsOf, fittingQuestions, newQuestions, practiceQuestions, stopAfter, thinker } from "./thinker.ts"
export { task } from "./settings.ts"
export { trainedAccuracy, trainedThinking, type Updates } from "./training.ts"
