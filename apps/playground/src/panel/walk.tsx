/** The walk: one column for each latent, and the answer's distribution behind them. */
import { signal } from "@preact/signals"
import type { TargetedKeyboardEvent } from "preact"
import type { Standing, StepSeen, Walk as Thought } from "../engine/protocol.ts"
import { changes, forced, isChanged, own, reset, walk } from "../state.ts"
import type { Change } from "../link.ts"
import { Answers } from "../view/answers.tsx"
import { AsTable, Bar } from "../view/figures.tsx"
import { percent, signs } from "../view/words.ts"
import { dropped } from "./swap.tsx"

const open = signal<number | null>(null)

const standings: Readonly<Record<Standing, { readonly sign: string; readonly text: string; readonly kind: string }>> = {
  "of a chain": { sign: "✓", text: "of a chain", kind: "good" },
  true: { sign: "≈", text: "true, not asked", kind: "mixed" },
  false: { sign: "✗", text: "false", kind: "bad" },
  "no step": { sign: "–", text: "no step", kind: "mixed" }
}

/** What a step is, in a sign and in words. */
export const Badge = ({ of }: { readonly of: Standing }) => {
  const { kind, sign, text } = standings[of]
  return (
    <span class={`badge ${kind}`}>
      <span aria-hidden="true">{sign}</span> {text}
    </span>
  )
}

/** Keys that move between columns. */
const move = (event: TargetedKeyboardEvent<HTMLElement>) => {
  const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0
  if (by === 0) return
  const all = [...event.currentTarget.querySelectorAll<HTMLButtonElement>("button.column-name")]
  const at = all.findIndex((each) => each === document.activeElement)
  if (at < 0) return
  event.preventDefault()
  all[Math.max(0, Math.min(all.length - 1, at + by))]!.focus()
}

/** A change in words. */
const changeOf = (change: Change): string =>
  change.kind === "taken"
    ? `latent ${change.place + 1} of ${signs(change.question)}`
    : `moved towards ${change.towards.map((result, i) => `${result} by ${change.by[i]!.toFixed(1)}`).join(" and ")}`

const Column = ({ at, step }: { readonly at: number; readonly step: StepSeen }) => {
  const [likeliest] = step.phrases
  const change = changes.value[at] ?? null
  return (
    <li
      class={`column${change === null ? "" : " other"}`}
      onDragOver={(event) => event.dataTransfer?.types.includes("text/latent") === true && event.preventDefault()}
      onDrop={(event) => dropped(at, event)}
    >
      <button
        type="button"
        class="column-name"
        aria-expanded={open.value === at}
        onClick={() => (open.value = open.value === at ? null : at)}
      >
        Latent {at + 1}
      </button>
      {change === null ? null : <p class="from">{changeOf(change)}</p>}
      <p class="step">{signs(likeliest?.text ?? "")}</p>
      {likeliest === undefined ? null : <Badge of={likeliest.standing} />}
      <ol class="phrases" aria-label={`what latent ${at + 1} decodes to`}>
        {step.phrases.map(({ chance, text }) => (
          <li key={text}>
            <code>{signs(text)}</code>
            <Bar share={chance} />
            <span class="number">{percent(chance)}</span>
          </li>
        ))}
      </ol>
      <dl>
        <dt>σ</dt>
        <dd>
          <Bar share={step.sigma} />
          <span class="number">{step.sigma.toFixed(2)}</span>
        </dd>
        {step.stop === null ? null : (
          <>
            <dt>stop here</dt>
            <dd>
              <Bar share={step.stop} mark={0.5} kind={step.stop > 0.5 ? "mixed" : "plain"} />
              <span class="number">{percent(step.stop)}</span>
            </dd>
          </>
        )}
      </dl>
    </li>
  )
}

const Answer = ({
  before,
  walk: { answer, answers, expected, stopped }
}: {
  readonly before: Thought | null
  readonly walk: Thought
}) => (
  <li class="column end">
    <h3>Answer</h3>
    <p class="step">
      {answer ?? "none"} <small>expected {expected}</small>
    </p>
    <Answers answers={answers} before={before?.answers ?? []} expected={expected} />
    {stopped === null ? null : <p class="soft">stopped before one more latent at a chance of {percent(stopped)}</p>}
  </li>
)

const Values = ({ at, values }: { readonly at: number; readonly values: Float32Array }) => {
  const numbers = [...values]
  const most = Math.max(1e-6, ...numbers.map(Math.abs))
  return (
    <div class="values">
      <svg
        viewBox={`0 0 ${Math.max(1, numbers.length)} 4`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`the ${numbers.length} numbers of latent ${at + 1}, from ${(-most).toFixed(1)} to ${most.toFixed(1)}`}
      >
        {numbers.map((value, i) => (
          <rect
            key={i}
            x={i}
            width="1"
            height="4"
            class={value < 0 ? "less" : "more"}
            fill-opacity={Math.abs(value) / most}
          />
        ))}
      </svg>
      <p class="soft">
        The {numbers.length} numbers of latent {at + 1}: blue below zero, orange above, the farthest {most.toFixed(2)}{" "}
        away.
      </p>
      <AsTable
        caption={`Numbers of latent ${at + 1}`}
        head={["coordinate", "value"]}
        rows={() => numbers.map((value, i) => [i + 1, value.toFixed(3)])}
      />
    </div>
  )
}

const inWords = (): string =>
  [
    ...changes.value.flatMap((each, at) => (each === null ? [] : [`latent ${at + 1} is ${changeOf(each)}`])),
    ...(forced.value === null ? [] : [`it takes ${forced.value} ${forced.value === 1 ? "latent" : "latents"}, as told`])
  ].join(", ")

/** How the question is thought. */
export const Walk = () => {
  const shown = walk.value
  if (shown === null) return <p class="soft">The walk appears with the first answer.</p>
  const before = isChanged.value ? own.value : null
  const opened = open.value === null ? undefined : shown.steps[open.value]
  return (
    <>
      <p class="lead">
        <code>{signs(shown.question)}</code>{" "}
        {isChanged.value ? (
          <>
            with changes: {inWords()}.{" "}
            <button type="button" class="quiet" onClick={reset}>
              Undo all changes
            </button>
          </>
        ) : (
          `in ${shown.steps.length === 1 ? "one latent" : `${shown.steps.length} latents`}, in place of written steps. The decoder says what each would be in words; open one for its numbers.`
        )}
      </p>
      <ol class="columns" onKeyDown={move}>
        {shown.steps.map((step, at) => (
          <Column key={at} at={at} step={step} />
        ))}
        <Answer walk={shown} before={before} />
      </ol>
      {open.value === null || opened === undefined || opened.values.length === 0 ? null : (
        <Values at={open.value} values={opened.values} />
      )}
      <AsTable
        caption={`How ${shown.question} is thought`}
        head={["latent", "step", "probability", "is", "σ", "chance of stopping"]}
        rows={() =>
          shown.steps.flatMap((step, at) =>
            step.phrases.map((phrase, i) => [
              i === 0 ? `${at + 1}` : `${at + 1}, else`,
              signs(phrase.text),
              percent(phrase.chance),
              standings[phrase.standing].text,
              i === 0 ? step.sigma.toFixed(2) : "",
              i === 0 && step.stop !== null ? percent(step.stop) : ""
            ])
          )
        }
      />
    </>
  )
}
