/** What a screen reader is told: the last thing that happened, at most every two seconds. */
import { effect, signal } from "@preact/signals"

const said = signal("")
const least = 2000

/** Tells what a function says whenever that changes. */
export const tell = (sentence: () => string): void => {
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
  <p class="hidden" role="status" aria-live="polite" id="live">
    {said.value}
  </p>
)
