/** What an answer was chosen from, and before something was changed. */
import type { Choice } from "../engine/protocol.ts"
import { Bar } from "./figures.tsx"
import { percent } from "./words.ts"

interface Given {
  readonly answers: ReadonlyArray<Choice>
  /** None where nothing is changed. */
  readonly before: ReadonlyArray<Choice>
  readonly expected: string
}

/** A bar for each answer. */
export const Answers = ({ answers, before, expected }: Given) => (
  <>
    <ol class="phrases answers" aria-label="what the answer was chosen from">
      {answers
        .toSorted((a, b) => a.text.localeCompare(b.text))
        .map(({ chance, text }) => {
          const was = before.find((each) => each.text === text)?.chance
          return (
            <li key={text}>
              <code>
                {text}
                {text === expected ? <span class="good">&nbsp;✓</span> : null}
              </code>
              <span>
                <Bar share={chance} kind={text === expected ? "good" : "plain"} />
                {was === undefined ? null : <Bar share={was} kind="before" />}
              </span>
              <span class="number">
                {percent(chance)}
                {was === undefined ? null : <span class="hidden">, before {percent(was)}</span>}
              </span>
            </li>
          )
        })}
    </ol>
    <p class="soft">✓ expected{before.length === 0 ? "" : "; thin bars: with its own latents"}</p>
  </>
)
