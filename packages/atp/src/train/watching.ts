/**
 * The rules by which reinforcement is warned of. Each looks at the figures of the first rounds and of those up to now, and
 * says its warning once a stage; a run that goes on looks at the rounds it made before.
 */
import { wilson } from "../evaluate/interval.ts"
import { AnswersCollapsed, CoverageFell, DeadReward, Drifted, NothingLearnt, type Warning } from "./warnings.ts"

/** Figures of a round by name. */
export type Figures = Readonly<Record<string, number>>

/** What rules are stated in. */
export const rules = {
  /** Rounds that are compared with the first as many, where entropies, shares and distances are looked at. */
  window: 10,
  /** Entropies of answers warn below such a share of what they were. */
  entropy: 0.5,
  /** Successive rounds in which a reward tells nothing apart. */
  dead: 5,
  /** The mean |log ratio| of actions since they were taken. */
  drift: 1,
  /** The divergence from the reference as the term reduces it. */
  divergence: 1,
  /** Wilson's intervals of 99 %. */
  z: 2.5758293035489004
} as const

/** What rules look at: the first rounds, the last ones up to now, and how large a round is. */
interface Seen {
  readonly round: number
  readonly questions: number
  readonly group: number
  readonly first: ReadonlyArray<Figures>
  readonly last: ReadonlyArray<Figures>
}

/** The mean of a figure over rounds that have it; null where none has. */
const meanOf = (rounds: ReadonlyArray<Figures>, name: string): number | null => {
  const values = rounds.flatMap((figures) => figures[name] ?? [])
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The first window and the last, where both are whole and share no round. */
const apart = ({ first, last, round }: Seen): boolean =>
  round >= 2 * rules.window && first.length === rules.window && last.length === rules.window

/**
 * Answers have collapsed: over the last 10 rounds the mean entropy of a question's answers is less than half of what it was
 * over the first 10, and more than half as many attempts are wrong as were then. Where most questions have become right
 * their answers agree, which is no collapse.
 */
const collapsed = (seen: Seen): Warning | null => {
  if (!apart(seen)) return null
  const of = (rounds: ReadonlyArray<Figures>) => ({
    entropy: meanOf(rounds, "answers.entropy") ?? 0,
    accuracy: meanOf(rounds, "accuracy") ?? 0
  })
  const [before, now] = [of(seen.first), of(seen.last)]
  const isLow = now.entropy < rules.entropy * before.entropy
  return isLow && 1 - now.accuracy > (1 - before.accuracy) / 2
    ? new AnswersCollapsed({ round: seen.round, before, now })
    : null
}

/**
 * Coverage has fallen: the share of questions that any attempt of their group solved (pass@k at the size of the group) over
 * the last 10 rounds is below that of the first 10, and their 99 % intervals (Wilson) do not touch. Looked at every 10
 * rounds, so that questions which happen to be harder seldom look like it.
 */
const uncovered = (seen: Seen): Warning | null => {
  if (!apart(seen) || seen.round % rules.window !== 0) return null
  const of = (rounds: ReadonlyArray<Figures>) => {
    const [share, questions] = [meanOf(rounds, "solved") ?? 0, seen.questions * rounds.length]
    return { share, interval: wilson(share * questions, questions, rules.z) }
  }
  const [before, now] = [of(seen.first), of(seen.last)]
  return now.interval[1] < before.interval[0]
    ? new CoverageFell({ round: seen.round, attempts: seen.group, before, now })
    : null
}

/** The last rounds in which rewards were scored, where there are as many as a dead reward takes. */
const scored = ({ last }: Seen): ReadonlyArray<Figures> => {
  const rounds = last.slice(-rules.dead)
  return rounds.length === rules.dead && rounds.every((figures) => "reward" in figures) ? rounds : []
}

/** The reward is dead: in 5 successive rounds all attempts of every group scored alike. */
const dead = (seen: Seen): Warning | null => {
  const rounds = scored(seen)
  return rounds.length > 0 && rounds.every((figures) => figures["reward.flat"] === 1)
    ? new DeadReward({ round: seen.round, part: null, rounds: rules.dead, score: null })
    : null
}

/** A part of the reward is dead: it gave every attempt of 5 successive rounds the same, its most or its least or between. */
const deadPart =
  (name: string) =>
  (seen: Seen): Warning | null => {
    const rounds = scored(seen)
    const part = name.slice("reward/".length)
    const score = rounds[0]?.[name]
    return score !== undefined &&
      rounds.every((figures) => figures[name] === score && figures[`${name}.deviation`] === 0)
      ? new DeadReward({ round: seen.round, part, rounds: rules.dead, score })
      : null
  }

/** The policy has drifted: over the last 10 rounds the mean of a distance lies above its bound. */
const drifted =
  (figure: "divergence" | "drift", measure: Drifted["measure"], bound: number) =>
  ({ last, round }: Seen): Warning | null => {
    const found = last.length < rules.window ? null : meanOf(last, figure)
    return found !== null && found > bound ? new Drifted({ round, measure, found, bound }) : null
  }

const nothing = (figures: Figures | undefined): NothingLearnt["because"] | null =>
  figures === undefined || !("reward" in figures)
    ? null
    : figures["reward.flat"] === 1
      ? "alike"
      : figures["learnt"] === 0
        ? "filtered"
        : null

/** Nothing is learnt from a round, and of the round before something was: all its attempts score alike, or none is left. */
const empty = ({ last, round }: Seen): Warning | null => {
  const because = nothing(last.at(-1))
  return because !== null && nothing(last.at(-2)) === null ? new NothingLearnt({ round, because }) : null
}

const once: Readonly<Record<string, (seen: Seen) => Warning | null>> = {
  collapsed,
  uncovered,
  dead,
  drift: drifted("drift", "mean |log ratio|", rules.drift),
  divergence: drifted("divergence", "divergence from the reference", rules.divergence)
}

const isPart = (figure: string): boolean => /^reward\/.*(?<!\.deviation|\.flat)$/.test(figure)

/** Looks at the rounds of a stage, numbered from 1, one after the other, and gives what is to be warned of after each. */
export const watcher = ({
  group,
  questions
}: Pick<Seen, "group" | "questions">): ((figures: Figures, round: number) => ReadonlyArray<Warning>) => {
  const first: Array<Figures> = []
  const last: Array<Figures> = []
  const said = new Set<string>()
  return (figures, round) => {
    if (first.length < rules.window) first.push(figures)
    last.push(figures)
    if (last.length > rules.window) last.shift()
    const seen: Seen = { round, questions, group, first, last }
    const parts = Object.keys(figures).filter(isPart)
    // A part that is all of a reward is told of as that.
    const ofParts = parts.length < 2 ? [] : parts.map((name) => [name, deadPart(name)] as const)
    const warnings: Array<Warning> = []
    for (const [name, rule] of [...Object.entries(once), ...ofParts]) {
      const warning = said.has(name) ? null : rule(seen)
      if (warning === null) continue
      said.add(name)
      warnings.push(warning)
    }
    const now = empty(seen)
    return now === null ? warnings : [now, ...warnings]
  }
}
