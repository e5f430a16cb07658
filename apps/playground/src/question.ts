/** Questions as people type them: what is asked, or a sentence on what cannot be. */

/** The values there are, and the longest question that fits. */
export const values = 7
const mostOperations = 5
/** Operations of the longest question that models were trained on. */
const trainedOperations = 3

/** A question in the words of the task, and what it comes to. */
export interface Question {
  readonly text: string
  readonly expected: string
  readonly operations: number
  /** What is to be known before the answer is judged. */
  readonly note: string | null
}

/** What cannot be asked, in a sentence with a way on. */
export interface Refused {
  readonly refused: string
}

const refuse = (refused: string): Refused => ({ refused })

/** The sum of values with their signs, modulo the number of values. */
const valueOf = (symbols: ReadonlyArray<string>): number =>
  symbols.reduce((sum, symbol, i) => {
    if (i % 2 === 1) return sum
    const signed = symbols[i - 1] === "-" ? sum - Number(symbol) : sum + Number(symbol)
    return ((signed % values) + values) % values
  }, 0)

/**
 * A question as it is asked: symbols apart, whatever minus sign somebody typed.
 *
 *     parseQuestion("3+4−6") // { text: "3 + 4 - 6", expected: "1", ... }
 */
export const parseQuestion = (typed: string): Question | Refused => {
  const bare = typed.replaceAll(/[−–—]/g, "-").replaceAll(/\s+/g, "")
  if (bare === "") return refuse("Type a question such as 3 + 4 - 6: values from 0 to 6, with + and − between them.")
  const strange = [...new Set([...bare].filter((sign) => !/[0-6+-]/.test(sign)))]
  if (strange.length > 0) {
    const found = strange
      .slice(0, 3)
      .map((sign) => `“${sign}”`)
      .join(", ")
    const why = /[*×·/÷]/.test(strange.join("")) ? " The models have only been trained on + and −." : ""
    return refuse(
      `${found} ${strange.length === 1 ? "is" : "are"} no symbol of this task: there are the values 0 to 6, + and −.${why}`
    )
  }
  const symbols = [...bare]
  const misplaced = symbols.findIndex((symbol, i) => /[+-]/.test(symbol) !== (i % 2 === 1))
  if (misplaced >= 0)
    return refuse(
      misplaced % 2 === 1
        ? `Values have one digit and a sign between them: put + or − before the ${symbols[misplaced]!} at place ${misplaced + 1}.`
        : `Expected a value where there is “${symbols[misplaced]!}”, at place ${misplaced + 1}: values and signs take turns.`
    )
  if (symbols.length % 2 === 0) return refuse(`A value is missing after the last “${symbols.at(-1)!}”.`)
  const operations = (symbols.length - 1) / 2
  if (operations === 0) return refuse("One value alone asks nothing: add + or − and another value.")
  if (operations > mostOperations)
    return refuse(`There is room for ${mostOperations} operations, and this has ${operations}; leave some out.`)
  return {
    text: symbols.join(" "),
    expected: `${valueOf(symbols)}`,
    operations,
    note:
      operations > trainedOperations
        ? `Longer than any question it was trained on (at most ${trainedOperations} operations): expect guesses.`
        : null
  }
}

/** Whether a question was refused. */
export const isRefused = (question: Question | Refused): question is Refused => "refused" in question
