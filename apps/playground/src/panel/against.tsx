/** Supervised against reinforcement: two copies from one start, turn by turn at equal work, and whether they differ. */
import { batch, effect, signal } from "@preact/signals"
import { type ArmName, armNames, type Interval, type Judged, type ModelName } from "../engine/protocol.ts"
import { engine, model, status } from "../state.ts"
import { AsTable } from "../view/figures.tsx"
import { Race, type Runner } from "../view/race.tsx"
import { points, share } from "../view/words.ts"

/** A copy after so many turns. */
interface Standing extends Judged {
  readonly work: number
  readonly updates: number
}

/** What is known of two copies. */
interface Race {
  readonly of: ModelName
  readonly questions: number
  /** By turn, from the start; the copies take turns, so that one may be ahead by one. */
  readonly standings: Readonly<Record<ArmName, ReadonlyArray<Standing>>>
  /** What reinforcement has more than chains after each whole turn. */
  readonly differences: ReadonlyArray<Interval>
}

/** After these nothing much happens any more. */
const mostTurns = 200

const race = signal<Race | null>(null)
const isBusy = signal(false)
const isPlaying = signal(false)
const trouble = signal<string | null>(null)
const still = matchMedia("(prefers-reduced-motion: reduce)")

const names: Readonly<Record<ArmName, string>> = { supervised: "more chains", reinforcement: "reinforcement" }
const turnsOf = ({ differences }: Race): number => differences.length

const forget = () =>
  batch(() => {
    isPlaying.value = false
    race.value = null
    trouble.value = null
  })

const begun = async (name: ModelName): Promise<Race> => {
  const { questions, standing } = await engine.ask("begin", { model: name })
  const start: Standing = { ...standing, work: 0, updates: 0 }
  return { of: name, questions, standings: { supervised: [start], reinforcement: [start] }, differences: [] }
}

/** One more turn of one copy and then of the other. */
const next = async () => {
  if (isBusy.value || status.value.kind !== "ready") return
  const name = model.value
  isBusy.value = true
  trouble.value = null
  try {
    let now = race.value ?? (await begun(name))
    if (model.value === name) race.value = now
    const turn = turnsOf(now)
    for (const arm of armNames) {
      if (race.value !== now) break
      const { difference, standing, updates, work } = await engine.ask("turn", { model: name, arm, turn })
      // Reset, or another model, while it learnt.
      if (race.value !== now) break
      now = {
        ...now,
        standings: { ...now.standings, [arm]: [...now.standings[arm], { ...standing, work, updates }] },
        differences: arm === armNames.at(-1) ? [...now.differences, difference] : now.differences
      }
      race.value = now
    }
    if (turnsOf(now) >= mostTurns) isPlaying.value = false
  } catch (error) {
    forget()
    trouble.value = error instanceof Error ? error.message : String(error)
  }
  isBusy.value = false
}

/** Follows the state; begun once. */
export const followAgainst = () => {
  effect(() => {
    if (race.value !== null && race.value.of !== model.value) forget()
  })
  effect(() => {
    // A new worker knows nothing of the copies.
    if (status.value.kind !== "ready" && race.peek() !== null) forget()
  })
  effect(() => {
    if (!isPlaying.value) return
    const timer = setInterval(() => void (document.hidden ? null : next()), 50)
    return () => clearInterval(timer)
  })
}

const between = ({ high, low }: Interval): string => `${points(low)} to ${points(high)}`

/** What the turns so far say, and whether that is more than noise. */
const verdict = ({ differences, questions, standings }: Race): string => {
  const last = differences.at(-1)
  if (last === undefined)
    return `Both copies begin with ${share(standings.supervised[0]!.accuracy.mean)} of ${questions} held-out questions right.`
  const gain = standings.reinforcement.at(-1)!.gain
  const worse = gain.high < 0 ? " It has made the model worse than it was." : ""
  const turns = `after ${differences.length === 1 ? "one turn" : `${differences.length} turns`}, of the same questions reinforcement has ${points(last.mean)} points more right than more chains (${between(last)})`
  const who = last.low > 0 ? "Reinforcement is ahead" : last.high < 0 ? "More chains are ahead" : "Noise"
  return `${who}: ${turns}${who === "Noise" ? ", an interval that holds 0" : ""}.${worse}`
}

/** What came of the last turn, for those who do not see it; nothing before the first. */
export const againstInWords = (): string => (race.value === null ? "" : verdict(race.value))

/** A panel that is not shown does not go on by itself. */
const pauseWhenGone = (element: Element | null) => {
  if (element === null) isPlaying.value = false
}

const runnersOf = ({ standings }: Race): ReadonlyArray<Runner> =>
  armNames.map((arm) => ({
    name: names[arm],
    places: standings[arm].map(({ accuracy, work }) => ({ ...accuracy, at: work / 1e9 }))
  }))

const Turns = ({ of: { differences, standings } }: { readonly of: Race }) => (
  <AsTable
    caption="By turn: held-out accuracy, billions of multiplications, updates, entropy of answers in nats"
    head={["turn", ...armNames.flatMap((arm) => [names[arm], "work", "updates", "entropy"]), "difference, points"]}
    rows={() =>
      standings.supervised.map((_, turn) => [
        turn === 0 ? "start" : turn,
        ...armNames.flatMap((arm) => {
          const standing = standings[arm][turn]
          return standing === undefined
            ? ["", "", "", ""]
            : [
                `${share(standing.accuracy.mean)} (${share(standing.accuracy.low)} to ${share(standing.accuracy.high)})`,
                (standing.work / 1e9).toFixed(1),
                standing.updates,
                standing.entropy.toFixed(2)
              ]
        }),
        turn === 0 || differences[turn - 1] === undefined
          ? ""
          : `${points(differences[turn - 1]!.mean)} (${between(differences[turn - 1]!)})`
      ])
    }
  />
)

/** Where two copies learn. */
export const Against = () => {
  const now = race.value
  const cannot = status.value.kind !== "ready"
  const isOver = now !== null && turnsOf(now) >= mostTurns
  return (
    <>
      <p class="soft">
        Two copies of the model, from the same start. A turn of the one is a round of reinforcement: 16 questions, eight
        attempts at each, an update by the method’s policy gradient without its replay of chains. A turn of the other is
        as many multiplications of supervised updates on chains. Both are asked the same held-out questions.
      </p>
      <div class="controls" ref={pauseWhenGone}>
        {still.matches ? null : (
          <button
            type="button"
            id="race"
            disabled={cannot || isOver}
            aria-pressed={isPlaying.value}
            onClick={() => (isPlaying.value = !isPlaying.value)}
          >
            {isPlaying.value ? "Pause" : now === null ? "Start" : "Go on"}
          </button>
        )}
        <button
          type="button"
          id="race-turn"
          disabled={cannot || isOver || isPlaying.value}
          aria-disabled={isBusy.value}
          onClick={() => void next()}
        >
          {isBusy.value ? (now === null ? "Making two copies …" : "Learning …") : "One turn"}
        </button>
        <button type="button" class="quiet" disabled={now === null} onClick={forget}>
          Reset
        </button>
      </div>
      {trouble.value === null ? null : <p class="bad">{trouble.value}</p>}
      {now === null ? null : (
        <>
          <p id="race-verdict">{verdict(now)}</p>
          <Race runners={runnersOf(now)} title="Held-out accuracy by work done" across="billions of multiplications" />
          <p class="soft">
            Percent right, with Wilson’s 95 % bands. The verdict is the paired interval of the same questions. It is
            looked at after every turn: one such look in twenty says more than noise by chance alone.
          </p>
          <Turns of={now} />
        </>
      )}
    </>
  )
}
