/** 05 chains in words: a problem as symbols, and what writing the chain is worth. */
import { Layout, Method, Objective, Part, Policy, Stop, Task } from "@noema/atp"

const { special } = Task

/** What a model reads: the question, and the mark where thinking begins, `special("<bot>")`. */
export const question = (tokenizer: Task.Tokenizer, problem: Task.Problem): ReadonlyArray<number> => [
  ...tokenizer.encode(problem.question),
  special("<bot>")
]

/**
 * What it writes that writes its chain: `<eot>`, every step with `<sep>` behind it, `###`, the answer, `<eos>`.
 */
export const chain = (tokenizer: Task.Tokenizer, { answer, steps }: Task.Problem): ReadonlyArray<number> => {
  const written: ReadonlyArray<number> = steps.flatMap((step) => [...tokenizer.encode(step), special("<sep>")])
  return [special("<eot>"), ...written, special("###"), ...tokenizer.encode(answer), special("<eos>")]
}

/** What it writes that answers at once: the same without the steps. */
export const atOnce = (tokenizer: Task.Tokenizer, problem: Task.Problem): ReadonlyArray<number> =>
  chain(tokenizer, { ...problem, steps: [] })

/** The steps and the answer that symbols say, whoever wrote them; null for an answer where there is no `###`. */
export const said = (
  tokenizer: Task.Tokenizer,
  symbols: ReadonlyArray<number>
): { readonly steps: ReadonlyArray<string>; readonly answer: string | null } => {
  const sign = symbols.indexOf(special("###"))
  const before = sign < 0 ? symbols : symbols.slice(0, sign)
  const steps: Array<Array<number>> = [[]]
  for (const symbol of before) {
    if (symbol === special("<sep>")) steps.push([])
    else steps.at(-1)!.push(symbol)
  }
  return {
    // Decoding leaves special symbols out.
    steps: steps.map((step) => tokenizer.decode(step)).filter((step) => step !== ""),
    answer: sign < 0 ? null : tokenizer.decode(symbols.slice(sign + 1))
  }
}

/** A method that writes before it answers, and one that answers at once: they differ in their layout alone. */
const writing = (name: string, layout: Layout.Layout): Method.Method =>
  Method.method({
    name,
    summary: "writes in words what it has to say",
    backbone: Part.llama,
    parts: {},
    policy: () => Policy.hiddenState,
    stop: () => Stop.fixedCount,
    layout,
    objective: [Objective.text(1)]
  })

export const cot: Method.Method = writing("CoT", Layout.writtenChain)
export const noCot: Method.Method = writing("No-CoT", Layout.answerAtOnce)
