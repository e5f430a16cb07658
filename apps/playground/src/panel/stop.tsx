/** Stopping: so many latents whatever the stop head says, and what that does to accuracy. */
import { signal } from "@preact/signals"
import type { TargetedInputEvent } from "preact"
import type { Forced } from "../engine/protocol.ts"
import { engine, forced, model, own, walk } from "../state.ts"
import { AsTable } from "../view/figures.tsx"
import { percent } from "../view/words.ts"

const most = 3
const questions = 100
const measured = signal<{ readonly of: string; readonly found: ReadonlyArray<Forced> | null } | null>(null)
const trouble = signal<string | null>(null)

const measure = async () => {
  const name = model.value
  measured.value = { of: name, found: null }
  trouble.value = null
  try {
    measured.value = { of: name, found: await engine.ask("force", { model: name, questions }) }
  } catch (error) {
    measured.value = null
    trouble.value = error instanceof Error ? error.message : String(error)
  }
}

const [width, height] = [360, 200]
const [left, right, top, bottom] = [34, width - 96, 10, height - 34]
const x = (count: number) => left + (count / most) * (right - left)
const y = (share: number) => bottom - share * (bottom - top)
/** Marks that differ in their form. */
const marks = ["M-4-4h8v8h-8z", "M0-5L5 4H-5z", "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0"] as const
const nameOf = (operations: number) => `${operations} operation${operations === 1 ? "" : "s"}`

/** Names of lines as far apart as they have to be. */
const apart = (wanted: ReadonlyArray<number>): ReadonlyArray<number> => {
  const placed = wanted.map(() => 0)
  let last = -Infinity
  for (const at of wanted.map((_, i) => i).toSorted((a, b) => wanted[a]! - wanted[b]!))
    placed[at] = last = Math.max(wanted[at]!, last + 14)
  return placed
}

const Curve = ({ found }: { readonly found: ReadonlyArray<Forced> }) => {
  const names = apart(found.map(({ accuracy }) => y(accuracy.at(-1)!)))
  const now = forced.value ?? own.value?.steps.length ?? null
  return (
    <svg
      class="curve"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label="Accuracy by forced number of latents; the table below has the same figures"
    >
      {[0, 0.25, 0.5, 0.75, 1].map((share) => (
        <g key={share}>
          <path class="grid" d={`M${left} ${y(share)}H${right}`} />
          <text x={left - 5} y={y(share) + 3.5} text-anchor="end">
            {100 * share}
          </text>
        </g>
      ))}
      {Array.from({ length: most + 1 }, (_, count) => (
        <text key={count} x={x(count)} y={bottom + 14} text-anchor="middle">
          {count}
        </text>
      ))}
      <text x={(left + right) / 2} y={height - 4} text-anchor="middle">
        latents
      </text>
      <path class="guess" d={`M${left} ${y(1 / 7)}H${right}`} />
      {now === null ? null : <path class="now" d={`M${x(now)} ${top}V${bottom}`} />}
      {found.map(({ accuracy, operations }, i) => (
        <g key={operations} class={`c${i}`}>
          <polyline class="line" points={accuracy.map((share, count) => `${x(count)},${y(share)}`).join(" ")} />
          {accuracy.map((share, count) => (
            <path key={count} class="mark" transform={`translate(${x(count)} ${y(share)})`} d={marks[i]!} />
          ))}
          <text x={right + 8} y={names[i]! + 3.5}>
            {nameOf(operations)}
          </text>
        </g>
      ))}
    </svg>
  )
}

/** What measuring came to, for those who do not see it. */
export const stopsInWords = (): string =>
  (measured.value?.found ?? [])
    .map(
      ({ accuracy, operations }) =>
        `${nameOf(operations)}: ${accuracy.map((share, count) => `${percent(share)} right after ${count}`).join(", ")}.`
    )
    .join(" ")

/** Where it is said how many latents there are. */
export const Stop = () => {
  const now = measured.value
  const found = now !== null && now.of === model.value ? now.found : null
  const isBusy = now !== null && now.found === null
  const shown = walk.value
  const chosen = own.value?.steps.length ?? 0
  return (
    <>
      <div class="slider">
        <label for="steps">Latents before it has to answer</label>
        <input
          id="steps"
          type="range"
          min="0"
          max={most}
          step="1"
          value={forced.value ?? chosen}
          onInput={(event: TargetedInputEvent<HTMLInputElement>) => (forced.value = Number(event.currentTarget.value))}
        />
        <output for="steps">{forced.value ?? `${chosen}, as it decides`}</output>
        <button type="button" disabled={forced.value === null} onClick={() => (forced.value = null)}>
          Let it decide
        </button>
      </div>
      <p id="stop-answer">
        {shown === null
          ? "The answer appears with the model."
          : `After ${shown.steps.length === 1 ? "one latent" : `${shown.steps.length} latents`} it answers ${shown.answer ?? "nothing"}; expected ${shown.expected}.`}
      </p>
      <button type="button" onClick={() => void measure()} disabled={isBusy}>
        {isBusy ? "Measuring …" : "Measure accuracy by number of latents"}
      </button>
      {trouble.value === null ? null : <p class="bad">{trouble.value}</p>}
      {found === null ? null : (
        <>
          <Curve found={found} />
          <p class="soft">
            Percent right. Questions of one operation are all 98 there are, trained on or not; of two and three,{" "}
            {found
              .slice(1)
              .map(({ questions }) => questions)
              .join(" and ")}{" "}
            held-out ones. Dashed: a guess.
          </p>
          <AsTable
            caption="Accuracy by number of latents"
            head={["questions", "of", "0", "1", "2", "3", "as it decides"]}
            rows={() =>
              found.map(({ accuracy, free, operations, questions }) => [
                nameOf(operations),
                questions,
                ...accuracy.map(percent),
                percent(free)
              ])
            }
          />
        </>
      )}
    </>
  )
}
