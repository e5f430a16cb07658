/** Swapping: latents of another question in place of one's own, and whose answer comes of it. */
import { batch, effect, signal } from "@preact/signals"
import type { TargetedInputEvent } from "preact"
import type { Exchanged, Walk } from "../engine/protocol.ts"
import type { Change } from "../link.ts"
import { isRefused, parseQuestion } from "../question.ts"
import { changed, changes, donor, engine, forced, isChanged, model, own, parsed, reset, walkOf } from "../state.ts"
import { AsTable, Bar } from "../view/figures.tsx"
import { percent, signs } from "../view/words.ts"

const pairs = 100
const donorWalk = signal<Walk | null>(null)
const trouble = signal<string | null>(null)
/** What the chain comes to if the one latent that is another's is believed. */
const believed = signal<string | null>(null)
const many = signal<{ readonly of: string; readonly found: Exchanged | null } | null>(null)

/** Follows the state; begun once. */
export const followSwap = () => {
  // A link may show latents of another question.
  effect(() => {
    const question = changes.value.find((each) => each?.kind === "taken")?.question
    if (question !== undefined) donor.value = question
  })
  effect(() => {
    const [typed, name] = [donor.value, model.value]
    const question = parseQuestion(typed)
    if (isRefused(question)) {
      donorWalk.value = null
      trouble.value = question.refused
      return
    }
    walkOf(name, question.text).then(
      (walk) =>
        batch(() => {
          if (donor.peek() !== typed || model.peek() !== name) return
          donorWalk.value = walk
          trouble.value = null
        }),
      (error: unknown) => (trouble.value = error instanceof Error ? error.message : String(error))
    )
  })
  effect(() => {
    const places = changes.value.flatMap((each, at) => (each === null ? [] : [at]))
    const [base, other] = [own.value, changed.value]
    believed.value = null
    const at = places[0]
    if (places.length !== 1 || at === undefined || forced.value !== null || base === null || other === null) return
    const said = (walk: Walk) => walk.steps.map(({ phrases }) => phrases[0]?.text ?? "")
    const step = other.steps[at]?.phrases[0]?.text
    if (step === undefined || base.steps.length <= at) return
    engine.ask("counterfactual", { question: base.question, steps: said(base).slice(0, at + 1), instead: step }).then(
      ({ answer }) => {
        if (changed.peek() === other) believed.value = answer
      },
      () => (believed.value = null)
    )
  })
}

const isTaken = (change: Change | null | undefined, question: string, place: number): boolean =>
  change?.kind === "taken" && change.question === question && change.place === place

const take = (at: number, place: number) => {
  const walk = donorWalk.value
  if (walk === null) return
  const isThere = isTaken(changes.value[at], walk.question, place)
  changes.value = changes.value.map((each, to) =>
    to !== at ? each : isThere ? null : { kind: "taken", question: walk.question, place }
  )
}

/** All latents of the donor, and as many as it has. */
const takeAll = () => {
  const walk = donorWalk.value
  if (walk === null) return
  batch(() => {
    changes.value = changes.value.map((_, at) =>
      at < walk.steps.length ? { kind: "taken", question: walk.question, place: at } : null
    )
    forced.value = walk.steps.length
  })
}

const exchange = async () => {
  const name = model.value
  many.value = { of: name, found: null }
  try {
    many.value = { of: name, found: await engine.ask("exchange", { model: name, pairs }) }
  } catch (error) {
    many.value = null
    trouble.value = error instanceof Error ? error.message : String(error)
  }
}

const Outcome = () => {
  const [base, other, from] = [own.value, changed.value, donorWalk.value]
  const isAny = changes.value.some((each) => each?.kind === "taken")
  if (!isAny || !isChanged.value || base === null || other === null || from === null)
    return <p class="soft">Take a latent to see whose answer comes of it.</p>
  const whose =
    other.answer === base.answer
      ? from.answer === base.answer
        ? "Both say the same by themselves, so nobody can tell whose latents were listened to."
        : "The answer stays its own: what was taken changes nothing."
      : other.answer === from.answer
        ? "The answer has become the donor’s."
        : other.answer === believed.value
          ? "The answer is what the rest of the chain makes of the latent that was taken."
          : "The answer is neither its own nor the donor’s."
  return (
    <>
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">thought with</th>
            <th scope="col">answers</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">its own latents</th>
            <td>{base.answer ?? "nothing"}</td>
          </tr>
          <tr>
            <th scope="row">what is taken</th>
            <td>
              <strong>{other.answer ?? "nothing"}</strong>
            </td>
          </tr>
          <tr>
            <th scope="row">the donor itself</th>
            <td>{from.answer ?? "nothing"}</td>
          </tr>
          {believed.value === null ? null : (
            <tr>
              <th scope="row">the chain, if the taken step held</th>
              <td>{believed.value}</td>
            </tr>
          )}
        </tbody>
      </table>
      <p class="verdict" id="whose">
        {whose}
      </p>
    </>
  )
}

/** What exchanging came to, for those who do not see it. */
export const exchangeInWords = (): string => {
  const found = many.value?.found ?? null
  return found === null
    ? ""
    : `Of ${found.of} pairs ${found.own} answers stay their own, ${found.donor} become the donor’s, and ${found.neither} are neither.`
}

const Many = () => {
  const now = many.value
  const found = now !== null && now.of === model.value ? now.found : null
  const isBusy = now !== null && now.found === null
  const rows: ReadonlyArray<readonly [string, number, string]> =
    found === null
      ? []
      : [
          ["stays its own", found.own, "bad"],
          ["becomes the donor’s", found.donor, "good"],
          ["is neither", found.neither, "mixed"]
        ]
  return (
    <div class="many">
      <button type="button" onClick={() => void exchange()} disabled={isBusy}>
        {isBusy ? "Exchanging …" : `Exchange all latents of ${pairs} pairs`}
      </button>
      {found === null ? null : (
        <>
          <ol class="phrases named" aria-label={`answers of ${found.of} pairs with the other’s latents`}>
            {rows.map(([name, count, kind]) => (
              <li key={name}>
                <span>{name}</span>
                <Bar share={count / Math.max(1, found.of)} kind={kind} />
                <span class="number">{percent(count / Math.max(1, found.of))}</span>
              </li>
            ))}
          </ol>
          <p class="soft">
            Of {found.of} held-out questions that say something else by themselves than a donor of as many latents.
          </p>
          <AsTable
            caption="Answers with another question’s latents"
            head={["the answer", "pairs", "of"]}
            rows={() => rows.map(([name, count]) => [name, count, found.of])}
          />
        </>
      )}
    </div>
  )
}

/** Where latents are taken from another question. */
export const Swap = () => {
  const from = donorWalk.value
  const question = parsed.value
  const places = Math.max(own.value?.steps.length ?? 0, 1)
  return (
    <>
      <label for="donor">Another question, whose latents may stand in</label>
      <input
        id="donor"
        type="text"
        value={donor.value}
        autocomplete="off"
        spellcheck={false}
        maxLength={60}
        aria-invalid={trouble.value !== null}
        {...(trouble.value === null ? {} : { "aria-describedby": "donor-trouble" })}
        onInput={(event: TargetedInputEvent<HTMLInputElement>) => (donor.value = event.currentTarget.value)}
      />
      {trouble.value === null ? null : (
        <p class="bad" id="donor-trouble">
          {trouble.value}
        </p>
      )}
      {from === null || isRefused(question) ? null : (
        <>
          <ul class="takes">
            {from.steps.map((step, place) => (
              <li key={place}>
                <span
                  class="latent"
                  draggable
                  onDragStart={(event) => event.dataTransfer?.setData("text/latent", `${place}`)}
                >
                  <small>latent {place + 1}</small> <code>{signs(step.phrases[0]?.text ?? "")}</code>
                </span>
                <span role="group" aria-label={`take latent ${place + 1} of ${from.question}`}>
                  <small aria-hidden="true">take as</small>
                  {Array.from({ length: places }, (_, at) => {
                    return (
                      <button
                        type="button"
                        key={at}
                        aria-label={`take as latent ${at + 1}`}
                        aria-pressed={isTaken(changes.value[at], from.question, place)}
                        onClick={() => take(at, place)}
                      >
                        {at + 1}
                      </button>
                    )
                  })}
                </span>
              </li>
            ))}
          </ul>
          <p>
            <button type="button" onClick={takeAll}>
              Take all
            </button>{" "}
            <button type="button" class="quiet" onClick={reset}>
              Undo
            </button>
          </p>
          <Outcome />
        </>
      )}
      <Many />
    </>
  )
}

/** What is dropped on a column of the walk. */
export const dropped = (at: number, event: DragEvent) => {
  const place = event.dataTransfer?.getData("text/latent")
  if (place === undefined || place === "") return
  event.preventDefault()
  take(at, Number(place))
}
