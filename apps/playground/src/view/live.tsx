/** What a screen reader is told: the last thing that happened, of each kind at most every two seconds. */
import { effect, type Signal, signal } from "@preact/signals"

const least = 2000
const kinds: Array<Signal<string>> = []

/** Tells what a function says whenever that changes. Before the page is drawn. */
export const tell = (sentence: () => string): void => {
  const said = signal("")
  kinds.push(said)
  let last = 0
  let late: ReturnType<typeof setTimeout> | undefined
  effect(() => {
    const text = sentence()
    clearTimeout(late)
    const wait = Math.max(0, last + least - performance.now())
    late = setTimeout(() => {
      last = performance.now()
      said.value = text
    }, wait)
  })
}

/** The region that is read out. */
export const Live = () => (
  <div class="hidden" role="status" aria-live="polite" id="live">
    {kinds.map((said, kind) => (
      <p key={kind}>{said.value}</p>
    ))}
  </div>
)
