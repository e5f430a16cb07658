/** Asking: the question, what may be asked, and whether the answer is right for the right reason. */
import type { TargetedInputEvent } from "preact"
import type { Walk } from "../engine/protocol.ts"
import { isRefused, values } from "../question.ts"
import { first, isChanged, model, own, parsed, show, typed, walk } from "../state.ts"
import { signs } from "../view/words.ts"

const keys = [...Array.from({ length: values }, (_, value) => `${value}`), "+", "−"]

/** An answer held against the steps it is said to come from. */
export const verdictOf = ({
  answer,
  expected,
  solves
}: Walk): { readonly kind: "good" | "bad" | "mixed"; readonly text: string } =>
  answer === expected
    ? solves
      ? { kind: "good", text: "Right, and the steps that its latents decode to solve the question." }
      : {
          kind: "mixed",
          text: "Right, but the steps that its latents decode to do not solve the question: the answer is not from these words."
        }
    : solves
      ? { kind: "mixed", text: "Wrong, although the steps that its latents decode to solve the question." }
      : { kind: "bad", text: "Wrong, and the steps that its latents decode to do not solve the question either." }

const Answer = () => {
  const question = parsed.value
  const shown = walk.value
  if (isRefused(question))
    return (
      <p class="refused" id="refused">
        {question.refused}
      </p>
    )
  if (shown === null || shown.question !== question.text)
    return <p class="soft">Thinking about it as soon as the model is there …</p>
  const { kind, text } = verdictOf(shown)
  return (
    <div class="answer" id="answer">
      <p class="figures">
        <span>
          <small>answers</small>{" "}
          <strong class={shown.answer === shown.expected ? "good" : "bad"}>{shown.answer ?? "nothing"}</strong>
        </span>
        <span>
          <small>expected</small> <strong>{shown.expected}</strong>
        </span>
      </p>
      <p class={`verdict ${kind}`}>
        <span aria-hidden="true">{kind === "good" ? "✓" : kind === "bad" ? "✗" : "≠"}</span> {text}
      </p>
      {isChanged.value ? <p class="soft">With what is changed below about how it thinks.</p> : null}
      {question.note === null ? null : <p class="soft">{question.note}</p>}
    </div>
  )
}

const Chips = ({
  title,
  of,
  right
}: {
  readonly title: string
  readonly of: ReadonlyArray<string>
  readonly right: boolean
}) => (
  <div class="chips" role="group" aria-label={title}>
    <span class="soft" aria-hidden="true">
      {title}
    </span>
    {of.map((question) => (
      <button
        type="button"
        key={question}
        class={`chip ${right ? "right" : "wrong"}`}
        aria-pressed={own.value?.question === question}
        onClick={() => show(question)}
      >
        {signs(question)}
      </button>
    ))}
  </div>
)

/** Where a question is asked. */
export const Ask = () => {
  const refused = isRefused(parsed.value)
  const put = (text: string) => show(`${typed.value.trim()} ${text}`.trim())
  const typing = (event: TargetedInputEvent<HTMLInputElement>) => show(event.currentTarget.value)
  const { right, wrong } = first.examples[model.value]
  return (
    <section class="panel whole" id="ask" aria-labelledby="ask-title">
      <h2 id="ask-title">Ask</h2>
      <div class="ask">
        <form
          onSubmit={(event) => {
            event.preventDefault()
            const question = parsed.value
            if (!isRefused(question)) show(question.text)
          }}
        >
          <label for="question">
            A question modulo {values}: values 0 to {values - 1}, <b>+</b> and <b>−</b>
          </label>
          <div class="field">
            <input
              id="question"
              value={typed.value}
              onInput={typing}
              autocomplete="off"
              spellcheck={false}
              inputMode="text"
              maxLength={60}
              aria-invalid={refused}
              {...(refused ? { "aria-describedby": "refused" } : {})}
            />
            <button
              type="button"
              class="key"
              aria-label="delete the last symbol"
              onClick={() => show(typed.value.trimEnd().slice(0, -1).trimEnd())}
            >
              ⌫
            </button>
          </div>
          <div class="keys" role="group" aria-label="symbols">
            {keys.map((key) => (
              <button
                type="button"
                class="key"
                key={key}
                onClick={() => put(key)}
                aria-label={key === "−" ? "minus" : key === "+" ? "plus" : key}
              >
                {key}
              </button>
            ))}
          </div>
        </form>
        <Answer />
      </div>
      <Chips title="it gets right" of={right} right />
      <Chips title="it gets wrong" of={wrong} right={false} />
    </section>
  )
}
