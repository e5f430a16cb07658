/** Reinforcement in slow motion: attempts at the question, what they are worth, how they compare, and what an update does. */
import { batch, computed, effect, signal } from "@preact/signals"
import type { Attempted, RewardName, Scored, Shifted } from "../engine/protocol.ts"
import { isRefused } from "../question.ts"
import { engine, model, parsed, status } from "../state.ts"
import { AsTable } from "../view/figures.tsx"
import { percent, signs } from "../view/words.ts"
import { Badge } from "./walk.tsx"

const moves = ["Sample 8 attempts", "Score them", "Compare them", "Update the copy"] as const
const speeds = [0.25, 1, 4] as const

const round = signal(0)
/** Moves of this round that are made. */
const made = signal(0)
const attempts = signal<ReadonlyArray<Attempted>>([])
const expected = signal("")
const noise = signal(0)
const names = signal<ReadonlyArray<string>>([])
const scored = signal<ReadonlyArray<Scored>>([])
const mean = signal(0)
const shifted = signal<ReadonlyArray<Shifted>>([])
/** The chance of the right answer before the first round and after each. */
const history = signal<ReadonlyArray<number>>([])
const reward = signal<RewardName>("full")
const isBusy = signal(false)
const trouble = signal<string | null>(null)
const speed = signal<(typeof speeds)[number]>(1)
const isPlaying = signal(false)
const still = matchMedia("(prefers-reduced-motion: reduce)")

const clear = () =>
  batch(() => {
    made.value = 0
    round.value = 0
    attempts.value = []
    scored.value = []
    shifted.value = []
    history.value = []
    trouble.value = null
  })

const subject = computed(() => {
  const question = parsed.value
  return isRefused(question) ? null : question.text
})

/** Follows the state; begun once. */
export const followPractice = () => {
  let last = ""
  effect(() => {
    const now = `${model.value} ${subject.value}`
    if (last !== "" && last !== now) {
      isPlaying.value = false
      if (round.peek() > 0 || made.peek() > 0) void forget(last.split(" ")[0] as typeof model.value)
    }
    last = now
  })
  effect(() => {
    if (!isPlaying.value) return
    const timer = setInterval(() => void (document.hidden ? null : next()), 1000 / speed.value / moves.length)
    return () => clearInterval(timer)
  })
}

const forget = async (name: typeof model.value) => {
  clear()
  try {
    await engine.ask("forget", { model: name })
  } catch (error) {
    trouble.value = error instanceof Error ? error.message : String(error)
  }
}

/** Makes the next move. */
const next = async () => {
  const question = subject.value
  if (isBusy.value || question === null || status.value.kind !== "ready") return
  const name = model.value
  isBusy.value = true
  const start = performance.now()
  try {
    const move = made.value % moves.length
    if (move === 0) {
      const found = await engine.ask("attempt", { model: name, question, round: round.value })
      batch(() => {
        attempts.value = found.attempts
        expected.value = found.expected
        noise.value = found.noise
        scored.value = []
        shifted.value = []
        if (history.value.length === 0) history.value = [found.right]
        made.value = 1
      })
    } else if (move === 1) {
      const found = await engine.ask("score", { model: name, reward: reward.value, round: round.value })
      batch(() => {
        names.value = found.names
        scored.value = found.scored
        mean.value = found.mean
        made.value = 2
      })
    } else if (move === 2) made.value = 3
    else {
      const found = await engine.ask("update", { model: name })
      batch(() => {
        shifted.value = found.shifted
        history.value = [...history.value, found.right]
        round.value += 1
        made.value = 4
      })
    }
    performance.measure(`practice ${move}`, { start })
    trouble.value = null
  } catch (error) {
    isPlaying.value = false
    trouble.value = error instanceof Error ? error.message : String(error)
  }
  isBusy.value = false
}

const titles: Readonly<Record<string, string>> = { correct: "right", format: "form" }
const titleOf = (name: string): string => titles[name] ?? (name.startsWith("coherence") ? "coherent" : name)
const mostReward = 1.6
const signed = (value: number): string => `${value < 0 ? "−" : value > 0 ? "+" : ""}${Math.abs(value).toFixed(2)}`

const Row = ({ at, attempt }: { readonly at: number; readonly attempt: Attempted }) => {
  const score = scored.value[at]
  const shift = shifted.value[at]
  const widest = Math.max(1e-9, ...scored.value.map(({ advantage }) => Math.abs(advantage)))
  return (
    <li>
      <span class="said">
        {attempt.steps.map(({ standing, text }, i) => (
          <span key={i}>
            <code>{signs(text)}</code> <Badge of={standing} />
          </span>
        ))}
      </span>
      <span class="answered">
        <small>answers</small>{" "}
        <strong class={attempt.answer === expected.value ? "good" : "bad"}>{attempt.answer ?? "–"}</strong>
      </span>
      <span class="worth">
        {score === undefined ? null : (
          <>
            <small>reward</small>
            <span class="stack" aria-hidden="true">
              {score.parts.map((part, i) => (
                <i key={i} class={`c${i}`} style={{ width: `${(100 * Math.max(0, part)) / mostReward}%` }} />
              ))}
              <b style={{ left: `${(100 * mean.value) / mostReward}%` }} />
            </span>
            <span class="number">{score.total.toFixed(2)}</span>
          </>
        )}
      </span>
      <span class="worth">
        {score === undefined || made.value < 3 ? null : (
          <>
            <small>advantage</small>
            <span class="either" aria-hidden="true">
              <i
                class={score.advantage < 0 ? "bad" : "good"}
                style={
                  score.advantage < 0
                    ? { right: "50%", width: `${(50 * -score.advantage) / widest}%` }
                    : { left: "50%", width: `${(50 * score.advantage) / widest}%` }
                }
              />
            </span>
            <span class="number">{signed(score.advantage)}</span>
          </>
        )}
      </span>
      <span class="worth">
        {shift === undefined ? null : (
          <>
            <small>ratio</small>
            <span>
              {shift.ratio.toFixed(2)}
              {shift.clipped === 0 ? "" : `, ${shift.clipped} of ${shift.of} beyond the clip`}
            </span>
          </>
        )}
      </span>
    </li>
  )
}

const [width, height] = [300, 70]

const History = () => {
  const points = history.value
  if (points.length < 2) return null
  const x = (i: number) => 6 + (i / (points.length - 1)) * (width - 12)
  const y = (share: number) => height - 6 - share * (height - 12)
  return (
    <>
      <svg
        class="history"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`chance of the right answer by round, from ${percent(points[0]!)} to ${percent(points.at(-1)!)}`}
      >
        <path class="grid" d={`M0 ${y(0)}H${width}M0 ${y(0.5)}H${width}M0 ${y(1)}H${width}`} />
        <g class="c0">
          <polyline class="line" points={points.map((share, i) => `${x(i)},${y(share)}`).join(" ")} />
          {points.map((share, i) => (
            <circle key={i} class="mark" cx={x(i)} cy={y(share)} r="2.5" />
          ))}
        </g>
      </svg>
      <AsTable
        caption="Chance of the right answer by round, latents at their mean"
        head={["round", "chance"]}
        rows={() => points.map((share, i) => [i === 0 ? "before" : i, percent(share)])}
      />
    </>
  )
}

const comment = (): string => {
  const from = history.value[0]
  const now = history.value.at(-1)
  if (made.value === 0 || from === undefined || now === undefined)
    return "A copy of the model practises on the question above; the model itself stays as it is."
  if (made.value === 1)
    return `Its latents are drawn with deviations of at least ${noise.value}, so that attempts differ.`
  const isFlat = scored.value.every(({ total }) => total === scored.value[0]!.total)
  if (made.value === 2) return `Their mean is ${mean.value.toFixed(2)}, the mark in every bar.`
  if (made.value === 3)
    return isFlat
      ? "All are worth the same, so nothing can be learnt from comparing them. Try a question that it gets wrong, or another round."
      : "Each is held against the others: what was better is to become likelier, what was worse less likely."
  return `The chance of the right answer, latents at their mean, went from ${percent(history.value.at(-2) ?? from)} to ${percent(now)} in this round${history.value.length > 2 ? `, from ${percent(from)} in all` : ""}.`
}

/** What the last move came to, for those who do not see it; nothing before the first. */
export const practiceInWords = (): string => (made.value === 0 ? "" : comment())

/** A panel that is not shown does not go on by itself. */
const pauseWhenGone = (element: Element | null) => {
  if (element === null) isPlaying.value = false
}

/** Where a copy practises. */
export const Practice = () => {
  const move = made.value % moves.length
  const cannot = subject.value === null || status.value.kind !== "ready"
  return (
    <>
      <div class="controls" ref={pauseWhenGone}>
        <button type="button" id="next-move" disabled={cannot} aria-disabled={isBusy.value} onClick={() => void next()}>
          {isBusy.value ? "…" : made.value === moves.length ? "Sample again" : moves[move]}
        </button>
        {still.matches ? null : (
          <span class="controls" role="group" aria-label="playing">
            <button
              type="button"
              disabled={cannot}
              aria-pressed={isPlaying.value}
              onClick={() => (isPlaying.value = !isPlaying.value)}
            >
              {isPlaying.value ? "Pause" : "Play"}
            </button>
            <label for="speed" class="hidden">
              rounds a second
            </label>
            <select
              id="speed"
              value={`${speed.value}`}
              onChange={(event) => (speed.value = speeds.find((each) => `${each}` === event.currentTarget.value)!)}
            >
              {speeds.map((each) => (
                <option key={each} value={`${each}`}>
                  {each} a second
                </option>
              ))}
            </select>
          </span>
        )}
        <fieldset>
          <legend>Reward</legend>
          {(["full", "random"] as const).map((name) => (
            <label key={name}>
              <input
                type="radio"
                name="reward"
                checked={reward.value === name}
                onChange={() => (reward.value = name)}
              />
              <span>{name === "full" ? "for right answers" : "a coin"}</span>
            </label>
          ))}
        </fieldset>
        <button type="button" class="quiet" disabled={made.value === 0} onClick={() => void forget(model.value)}>
          Forget all rounds
        </button>
      </div>
      <p id="practice-comment">
        {round.value === 0 && made.value === 0 ? "" : `Round ${made.value === 4 ? round.value : round.value + 1}. `}
        {comment()}
      </p>
      {trouble.value === null ? null : <p class="bad">{trouble.value}</p>}
      {attempts.value.length === 0 ? null : (
        <>
          {scored.value.length === 0 ? null : (
            <p class="legend soft">
              {names.value.map((name, i) => (
                <span key={name} class={`key-of c${i}`}>
                  {titleOf(name)}
                </span>
              ))}
            </p>
          )}
          <ol class="attempts" aria-label="attempts">
            {attempts.value.map((attempt, at) => (
              <Row key={at} at={at} attempt={attempt} />
            ))}
          </ol>
          {shifted.value.length === 0 ? null : (
            <p class="soft">
              Ratio: how much likelier what it did has become by the update, the geometric mean over its actions. A
              second update on the same attempts would clip those outside 0.8 to 1.2.
            </p>
          )}
          <AsTable
            caption="Attempts of this round"
            head={["attempt", "steps", "answer", ...names.value.map(titleOf), "reward", "advantage", "ratio"]}
            rows={() =>
              attempts.value.map(({ answer, steps }, at) => {
                const score = scored.value[at]
                return [
                  at + 1,
                  steps.map(({ text }) => signs(text)).join("; "),
                  answer ?? "none",
                  ...names.value.map((_, i) => score?.parts[i]?.toFixed(2) ?? ""),
                  score?.total.toFixed(2) ?? "",
                  score === undefined || made.value < 3 ? "" : signed(score.advantage),
                  shifted.value[at]?.ratio.toFixed(2) ?? ""
                ]
              })
            }
          />
        </>
      )}
      <History />
    </>
  )
}
