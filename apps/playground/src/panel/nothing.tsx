/** Training from nothing: a small model, its loss while it learns, and what it answers in the end. */
import { batch, effect, signal } from "@preact/signals"
import type { Grown, Learnt } from "../engine/protocol.ts"
import { engine, status } from "../state.ts"
import { AsTable } from "../view/figures.tsx"
import { Loss, thinned } from "../view/loss.tsx"
import { share, signs } from "../view/words.ts"

/** Updates at a time, while it goes by itself and at a press. */
const [few, many] = [10, 50]

const learnt = signal<ReadonlyArray<Learnt>>([])
const of = signal(0)
const outcome = signal<Grown | null>(null)
const isBusy = signal(false)
const isPlaying = signal(false)
const trouble = signal<string | null>(null)
const still = matchMedia("(prefers-reduced-motion: reduce)")

/** Counts what was discarded, so that what comes of it later is not shown. */
let life = 0

const clear = () =>
  batch(() => {
    life += 1
    isPlaying.value = false
    learnt.value = []
    outcome.value = null
    trouble.value = null
  })

const reset = async () => {
  clear()
  try {
    await engine.ask("discard", null)
  } catch (error) {
    trouble.value = error instanceof Error ? error.message : String(error)
  }
}

const next = async (updates: number) => {
  if (isBusy.value || outcome.value !== null || status.value.kind !== "ready") return
  isBusy.value = true
  trouble.value = null
  const mine = life
  try {
    const found = await engine.ask("train", { updates })
    if (mine === life)
      batch(() => {
        learnt.value = [...learnt.value, ...found.learnt]
        of.value = found.of
        outcome.value = found.outcome
        if (found.outcome !== null) isPlaying.value = false
      })
  } catch (error) {
    if (mine === life) {
      clear()
      trouble.value = error instanceof Error ? error.message : String(error)
    }
  }
  isBusy.value = false
}

/** Follows the state; begun once. */
export const followTraining = () => {
  effect(() => {
    // A new worker knows nothing of it.
    if (status.value.kind !== "ready" && learnt.peek().length > 0) clear()
  })
  effect(() => {
    if (!isPlaying.value) return
    const timer = setInterval(() => void (document.hidden ? null : next(few)), 30)
    return () => clearInterval(timer)
  })
}

const sentence = (): string => {
  const last = learnt.value.at(-1)
  const end = outcome.value
  if (last === undefined) return ""
  if (end === null) return `${last.phase}: update ${learnt.value.length} of ${of.value}, loss ${last.loss.toFixed(2)}.`
  const { accuracy, chance, questions } = end
  return `After ${of.value} updates ${share(accuracy.mean)} of ${questions} held-out questions are right (${share(accuracy.low)} to ${share(accuracy.high)}); a guess is in ${share(chance)}.`
}

/** How far training is, for those who do not see it; nothing before it begins. */
export const trainingInWords = sentence

/** A panel that is not shown does not go on by itself. */
const pauseWhenGone = (element: Element | null) => {
  if (element === null) isPlaying.value = false
}

/** Where a model is trained. */
export const Nothing = () => {
  const isBegun = learnt.value.length > 0
  const cannot = status.value.kind !== "ready" || outcome.value !== null
  return (
    <>
      <p class="soft">
        ATP-Latent, grounded, from random numbers: two layers, width 32, sums of two operations modulo 5. First chains
        are written out, then one step after the other becomes a latent, and in the end nothing is written but the
        answer.
      </p>
      <div class="controls" ref={pauseWhenGone}>
        {still.matches ? null : (
          <button
            type="button"
            id="train"
            disabled={cannot}
            aria-pressed={isPlaying.value}
            onClick={() => (isPlaying.value = !isPlaying.value)}
          >
            {isPlaying.value ? "Pause" : outcome.value !== null ? "Trained" : isBegun ? "Go on" : "Train"}
          </button>
        )}
        <button
          type="button"
          id="train-some"
          disabled={cannot || isPlaying.value}
          aria-disabled={isBusy.value}
          onClick={() => void next(many)}
        >
          {isBusy.value ? "Learning …" : `${many} updates`}
        </button>
        <button type="button" class="quiet" disabled={!isBegun} onClick={() => void reset()}>
          Forget it
        </button>
      </div>
      {trouble.value === null ? null : <p class="bad">{trouble.value}</p>}
      {isBegun ? (
        <>
          <p id="train-says">{sentence()}</p>
          <Loss learnt={learnt.value} of={of.value} />
          <p class="soft">
            The loss jumps where a phase begins: what is asked of the model becomes more with every latent.
          </p>
          <AsTable
            caption="Loss by update, means of neighbours"
            head={["update", "loss", "phase"]}
            rows={() =>
              thinned(
                learnt.value.map(({ loss }) => loss),
                4 * of.value
              ).map(([at, loss]) => [Math.round(at), loss.toFixed(2), learnt.value[Math.floor(at)]?.phase ?? ""])
            }
          />
        </>
      ) : null}
      {outcome.value === null ? null : (
        <div class="wide" tabIndex={0} role="region" aria-label="what it answers">
          <table>
            <caption>What it answers to held-out questions</caption>
            <thead>
              <tr>
                {["question", "its latents decode to", "answer", "expected"].map((each) => (
                  <th scope="col" key={each}>
                    {each}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {outcome.value.examples.map(({ answer, expected, question, steps }) => (
                <tr key={question}>
                  <th scope="row">{signs(question)}</th>
                  <td>{steps.map(signs).join("; ")}</td>
                  <td>{answer ?? "none"}</td>
                  <td>{expected}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  )
}
