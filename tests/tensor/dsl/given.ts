/**
 * What examples in docstrings may use without making it: a problem, and a model that can be computed by hand. It has eight
 * symbols, rows of two numbers and no layers, so that a state is the row that was read, and its logits are 0: each symbol has
 * a chance of 1/8, whose cost is log 8 = 2.0794.
 */
import {
  Key,
  type Method,
  Methods,
  type Model,
  Objective,
  Part,
  Policy,
  type Reinforce,
  type Report,
  Stop,
  Task
} from "@noema/atp"
import { named, Tensor } from "@noema/tensor"

/** (2+3)*2 in two steps. */
export const problem: Task.Problem<never> = {
  question: "(2+3)*2",
  steps: ["<<2+3=5>>", "<<5*2=10>>"],
  answer: "10"
}

/** Sizes of a small model. */
export const sizes: Part.ModelSizes = {
  vocabulary: 8,
  width: 2,
  layers: 1,
  heads: 1,
  groups: 1,
  hidden: 4,
  tied: false,
  decoderLayers: 1
}

const [width, vocabulary] = [named("width", sizes.width), named("vocabulary", sizes.vocabulary)]

/** The row of symbol s is [s, 1]. */
const table: Tensor.Tensor<["vocabulary", "width"]> = Tensor.stack(
  [Tensor.cast(Tensor.iota([vocabulary], 0), "f32"), Tensor.ones([vocabulary])],
  1,
  "width"
)

const markTable: Tensor.Tensor<["marks", "width"]> = Tensor.fromArray([10, 0, 0, 20], [named("marks", 2), width])

/** Shows every row alike, and passes rows on as they are. */
const layer: Part.Layer = {
  given: (stream, { spread }, _positions) => {
    const rows = Tensor.mul(Tensor.expandDims(spread(stream), 1), 0)
    const each = Tensor.narrow(Tensor.narrow(rows, 1, 0, named("groups", 1)), 3, 0, named("head", 2))
    return { key: each, value: each }
  },
  passed: (stream) => stream
}

/** Reads rows as they are, and finds all symbols alike. */
export const backbone: Part.Backbone = {
  ...Part.layered([layer], (stream) => stream),
  table,
  embed: (symbols) => Tensor.embed(table, symbols),
  logits: (hidden) => Tensor.dense(hidden, Tensor.zeros([width, vocabulary]))
}

/** One state: [3, 1]. */
export const hidden: Tensor.Tensor<["batch", "width"]> = Tensor.fromArray([3, 1], [named("batch", 1), width])

/** Two marks, whose rows are [10, 0] and [0, 20], and whose logits are the numbers of a state. */
export const marks: Part.Marks = {
  count: 2,
  table: markTable,
  embed: (symbols) => Tensor.embed(markTable, symbols),
  logits: (hidden) => Tensor.dense(hidden, Tensor.fromArray([1, 0, 0, 1], [width, named("marks", 2)]))
}

/** Two codes of any text, 0 and 1, at the row of symbol 0, which cost 1 each. */
export const book: Part.CodeBook = {
  size: 4,
  quantised: (texts) => {
    const each = [Tensor.dim(texts, 0), named("each", 2)] as const
    return {
      index: Tensor.broadcastTo(Tensor.iota([each[1]], 0), each),
      rows: Tensor.zeros([...each, width]),
      loss: Tensor.ones(each)
    }
  },
  prompt: (question) => Tensor.zeros([Tensor.dim(question, 0), width]),
  rebuilds: backbone
}

/** Means where states are, with a deviation of 1. */
export const head: Part.LatentHead = {
  at: (hidden) => ({ mean: hidden, logVariance: Tensor.zerosLike(hidden) })
}

/** The backbone, whose latents are drawn around its states, and which never stops by itself. */
export const model: Method.Model<"scored"> = {
  sizes,
  backbone,
  policy: Policy.gaussian(head),
  explore: null,
  stop: Stop.fixedCount,
  speaker: backbone,
  tool: null,
  given: null
}

const [one, two] = [named("batch", 1), named("steps", 2)]

/** One problem: a question of symbol 7, steps of symbols 6 and 5, which are their results, and the answer 7. */
export const batch: Objective.Batch = {
  question: Tensor.fromArray(Int32Array.of(7, 2), [one, named("question", 2)]),
  tail: Tensor.fromArray(Int32Array.of(3, 4, 7, 1), [one, named("tail", 4)]),
  groups: Tensor.fromArray(Int32Array.of(6, 1, 5, 1), [one, two, named("symbols", 2)]),
  needed: Tensor.fromArray(Int32Array.of(2), [one]),
  results: Tensor.fromArray(Int32Array.of(6, 5), [one, two]),
  donor: Tensor.fromArray(Int32Array.of(0), [one]),
  written: Tensor.fromArray(Int32Array.of(3, 6, 5, 5, 5, 4, 7, 1), [one, named("written", 8)])
}

/** What happens where the model thinks two latents about it, each the state before it: [2, 1], the row of `<bot>`. */
export const happened: Objective.Happened & { readonly thought: Objective.Thought } = (() => {
  const pass = Objective.think(model, batch, { latentSteps: 2, perStep: 1 }, ({ mode }) => mode)
  return { ...pass, thought: pass.thought! }
})()

/** An attempt at it as reinforcement stores it: the latents [2, 1] and [2, 1], drawn without noise, then `<eot> ### 7 <eos>`. */
export const stored: Reinforce.Stored = {
  question: Tensor.fromArray(Int32Array.of(7, 2), [named("questions", 1), named("question", 2)]),
  of: Tensor.fromArray(Int32Array.of(0), [one]),
  latents: [0, 1].map(() => Tensor.fromArray([2, 1], [one, width])),
  noise: [0, 1].map(() => Tensor.zeros([one, width])),
  used: Tensor.fromArray(Int32Array.of(2), [one]),
  tail: batch.tail,
  texts: null
}

/** What Coconut did on four questions: three of its answers are right. */
export const result: Report.Result = {
  method: "Coconut",
  set: "id",
  latents: "mean",
  problems: 4,
  accuracy: 0.75,
  chance: 0.25,
  tokens: 5,
  chains: null,
  byDifficulty: [],
  asked: "digest of the questions",
  outcomes: "1110",
  card: null
}

const sums = Task.arithmetic({ values: 5, steps: 2 })
const small: Part.ModelSizes = { ...sizes, vocabulary: Task.fixedVocabulary(sums.symbols).size, width: 8, hidden: 8 }

/** SIM-CoT on sums modulo 5 before it has learnt anything: it thinks two latents, and what it says is chance. */
export const untrained: Model.Trained = {
  method: Methods.simCot,
  parameters: Methods.simCot.init(Key.fromSeed(1), small),
  sizes: small,
  tokenizer: Task.fixedVocabulary(sums.symbols),
  language: sums.language,
  use: { perStep: 1, maxSteps: 2, context: 8, stepSymbols: 6, textSymbols: 4 }
}
