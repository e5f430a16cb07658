/** A story: states of the page one after the other, each a link, as a teacher would set them. */
import { type Change, type Shown, toHash, unchanged } from "../link.ts"

interface Stop {
  readonly title: string
  readonly text: string
  readonly shows: Shown
}

const taken = (question: string, latents: number): ReadonlyArray<Change | null> =>
  unchanged.changes.map((_, place) => (place < latents ? { kind: "taken", question, place } : null))

const asked = (question: string, panel: string, more: Partial<Shown> = {}): Shown => ({
  model: "grounded",
  question,
  ...unchanged,
  panel,
  ...more
})

const stops: ReadonlyArray<Stop> = [
  {
    title: "In place of steps",
    text: "Three latents stand where a chain of three steps would be written. What does each say?",
    shows: asked("5 + 3 - 6 + 6", "walk")
  },
  {
    title: "Whose answer is it?",
    text: "All latents are another question’s. Before you look: will the answer change?",
    shows: asked("5 + 3 - 6 + 6", "swap", { changes: taken("4 - 1 + 6", 2), steps: 2 })
  },
  {
    title: "The same, as released",
    text: "A model trained without what grounds its latents. Exchange a hundred pairs, here and there.",
    shows: asked("5 + 3 - 6 + 6", "swap", { model: "released", changes: taken("4 - 1 + 6", 2), steps: 2 })
  },
  {
    title: "One too many",
    text: "A question of one operation, told to think three times. More thinking is not better thinking.",
    shows: asked("5 - 1", "stop", { steps: 3 })
  },
  {
    title: "Where a latent looks",
    text: "What the answer looked at, head by head. Does it look at the question, or at the last latent?",
    shows: asked("5 + 3 - 6 + 6", "look")
  },
  {
    title: "A result, moved",
    text: "The last latent is moved from what stands for 1 to what stands for 2. Drag it back and forth.",
    shows: asked("5 + 3 - 6 + 6", "move", {
      changes: [null, null, { kind: "moved", towards: [2, 4], by: [1, 0] }]
    })
  },
  {
    title: "Learning from attempts",
    text: "A question that it gets wrong: eight attempts, what they are worth, and one update.",
    shows: asked("0 - 2 + 4 + 1", "practice")
  },
  {
    title: "A coin for a reward",
    text: "The same by a model as released. Take the coin for a reward, and play. Does the right answer become likelier?",
    shows: asked("3 + 3 + 2 - 2", "practice", { model: "released" })
  },
  {
    title: "Attempts or chains?",
    text: "Two copies go on learning at equal work. Before you start: which is ahead after twenty turns, and by more than noise?",
    shows: asked("3 + 3 + 2 - 2", "against")
  },
  {
    title: "One path",
    text: "A model that walks on a ring. Does a latent hold one node, or several at once?",
    shows: asked("5 + 3 - 6 + 6", "ring")
  }
]

/** The story, folded up. */
export const Story = () => (
  <details class="story">
    <summary>A story in {stops.length} steps</summary>
    <ol>
      {stops.map(({ shows, text, title }) => (
        <li key={title}>
          <a href={toHash(shows)}>{title}</a> <span class="soft">{text}</span>
        </li>
      ))}
    </ol>
  </details>
)
