/** A walk on a ring: how likely each node is to be what a latent has reached, latent by latent. */
import { batch, signal } from "@preact/signals"
import type { TargetedKeyboardEvent } from "preact"
import type { Choice, GraphWalk } from "../engine/protocol.ts"
import { engine, first, status } from "../state.ts"
import { AsTable } from "../view/figures.tsx"
import { Ring } from "../view/ring.tsx"
import { percent, share } from "../view/words.ts"
import { Badge } from "./walk.tsx"

/** A node that is less likely than this is not said to be held. */
const least = 0.2
const mostHops = 3

const walk = signal<GraphWalk | null>(null)
/** Latents from 0, and behind them the answer. */
const place = signal(0)
const isBusy = signal(false)
const trouble = signal<string | null>(null)
let ring = 0

/** Asks for a walk: as it was drawn, unless another start or another number of hops is given. */
const ask = async (start: string | null, hops: number | null) => {
  if (isBusy.value) return
  isBusy.value = true
  trouble.value = null
  try {
    const found = await engine.ask("graph", { ring, start, hops })
    batch(() => {
      walk.value = found
      place.value = Math.min(place.value, found.steps.length)
    })
  } catch (error) {
    trouble.value = error instanceof Error ? error.message : String(error)
  }
  isBusy.value = false
}
const another = () => {
  ring += 1
  place.value = 0
  void ask(null, null)
}

/** What is shown at a place: the chance of each node. */
const nodesAt = ({ answers, ring, steps }: GraphWalk, at: number): ReadonlyArray<Choice> =>
  steps[at]?.nodes ?? ring.map((text) => ({ text, chance: answers.find((each) => each.text === text)?.chance ?? 0 }))

/** Where the right path is at a place: a ring has one way on. */
const reachedAt = ({ path }: GraphWalk, at: number): string => path[Math.min(at + 1, path.length - 1)]!

const nameAt = ({ steps }: GraphWalk, at: number): string => (at < steps.length ? `Latent ${at + 1}` : "The answer")

const listed = (all: ReadonlyArray<string>): string =>
  all.length < 2 ? (all[0] ?? "none") : `${all.slice(0, -1).join(", ")} and ${all.at(-1)!}`

/**
 * Whether what is shown is a superposition, in a sentence. That is said of two likely nodes that the walk may both have
 * reached; where it cannot have, the decoder does not know.
 */
export const superposition = (nodes: ReadonlyArray<Choice>, reached: ReadonlyArray<string>): string => {
  const held = nodes.filter(({ chance }) => chance > least).toSorted((a, b) => b.chance - a.chance)
  const said = listed(held.map(({ chance, text }) => `${text} (${percent(chance)})`))
  const possible = held.filter(({ text }) => reached.includes(text)).length
  if (possible > 1) return `A superposition: it holds ${said} at once.`
  if (held.length > 1)
    return `No superposition: it is torn between ${said}, of which ${listed(reached)} alone can be reached by now.`
  if (held.length === 1)
    return `One path, and no superposition: it holds ${said}, and no other node with more than 20 %.`
  return "No node has more than 20 %: it says nothing of where the walk is."
}

const sentence = (now: GraphWalk): string => {
  const at = Math.min(place.value, now.steps.length)
  return `${nameAt(now, at)}. ${superposition(nodesAt(now, at), [reachedAt(now, at)])}`
}

/** What is shown, for those who do not see it; nothing before the first walk. */
export const ringInWords = (): string => (walk.value === null ? "" : sentence(walk.value))

const move = (last: number) => (event: TargetedKeyboardEvent<HTMLElement>) => {
  const to = { ArrowRight: place.value + 1, ArrowLeft: place.value - 1, Home: 0, End: last }[event.key]
  if (to === undefined) return
  event.preventDefault()
  place.value = Math.max(0, Math.min(last, to))
  event.currentTarget.querySelectorAll<HTMLButtonElement>("button")[place.value]?.focus()
}

const Places = ({ now }: { readonly now: GraphWalk }) => (
  <div class="segments" role="group" aria-label="what is shown" onKeyDown={move(now.steps.length)}>
    {Array.from({ length: now.steps.length + 1 }, (_, at) => (
      <button type="button" key={at} aria-pressed={place.value === at} onClick={() => (place.value = at)}>
        {at < now.steps.length ? `latent ${at + 1}` : "answer"}
      </button>
    ))}
  </div>
)

const Question = ({ now: { path, ring } }: { readonly now: GraphWalk }) => (
  <div class="controls">
    <label for="ring-start">from</label>
    <select
      id="ring-start"
      value={path[0]!}
      onChange={({ currentTarget: { value } }) => void ask(value, path.length - 1)}
    >
      {ring.map((node) => (
        <option key={node} value={node}>
          {node}
        </option>
      ))}
    </select>
    <label for="ring-hops">hops</label>
    <select
      id="ring-hops"
      value={`${path.length - 1}`}
      onChange={({ currentTarget: { value } }) => void ask(path[0]!, Number(value))}
    >
      {Array.from({ length: mostHops }, (_, i) => (
        <option key={i} value={`${i + 1}`}>
          {i + 1}
        </option>
      ))}
    </select>
    <button type="button" onClick={another}>
      Another ring
    </button>
  </div>
)

const Shown = ({ now }: { readonly now: GraphWalk }) => {
  const at = Math.min(place.value, now.steps.length)
  const step = now.steps[at]
  const [likeliest] = step?.phrases ?? []
  const expected = now.path.at(-1)!
  return (
    <div class="pad">
      <Ring
        nodes={nodesAt(now, at)}
        order={now.ring}
        start={now.path[0]!}
        expected={reachedAt(now, at)}
        title={`${nameAt(now, at)} on the ring`}
      />
      <div>
        <p>
          <code>
            {now.path[0]} {now.path.length - 1}
          </code>{" "}
          asks for the node after {now.path.length === 2 ? "one hop" : `${now.path.length - 1} hops`}; the edges come in
          random order, <code>{now.question.split(" ? ")[0]}</code>.
        </p>
        <p id="ring-says">{sentence(now)}</p>
        {likeliest === undefined ? null : (
          <p>
            It decodes to <code>{likeliest.text === "" ? "(nothing)" : likeliest.text}</code>{" "}
            <Badge of={likeliest.standing} />
          </p>
        )}
        <p>
          Answers <strong class={now.answer === expected ? "good" : "bad"}>{now.answer ?? "nothing"}</strong>, expected{" "}
          <strong>{expected}</strong>.{" "}
          {now.solves
            ? "The steps that its latents decode to solve the question."
            : "The steps that its latents decode to do not solve the question."}
          {now.isHeldOut ? " It was kept from this question." : ""}
        </p>
        <AsTable
          caption="Chance of each node, in ring order"
          head={["node", ...now.steps.map((_, i) => `latent ${i + 1}`), "answer"]}
          rows={() =>
            now.ring.map((node) => [
              node,
              ...Array.from({ length: now.steps.length + 1 }, (_, i) =>
                percent(nodesAt(now, i).find(({ text }) => text === node)?.chance ?? 0)
              )
            ])
          }
        />
      </div>
    </div>
  )
}

/** Where a model walks. */
export const RingWalk = () => {
  const { accuracy, problems, verdict } = first.facts.walk
  const now = walk.value
  return (
    <>
      <p class="soft">
        Another model: it is told the edges of a ring of six nodes in random order, a start and a number of hops, and
        thinks a latent for each hop. It gets {share(accuracy)} of {problems} held-out questions right; a guess 16.7.
      </p>
      {now === null ? (
        <button
          type="button"
          id="ring-load"
          disabled={status.value.kind !== "ready" || isBusy.value}
          onClick={() => void ask(null, null)}
        >
          {isBusy.value ? "Loading …" : "Load it and walk (390 kB)"}
        </button>
      ) : (
        <>
          <Question now={now} />
          <Places now={now} />
          <Shown now={now} />
          <details>
            <summary>Does its answer listen to its latents?</summary>
            <p class="soft">Measured on the held-out questions: {verdict}.</p>
          </details>
        </>
      )}
      {trouble.value === null ? null : <p class="bad">{trouble.value}</p>}
    </>
  )
}
