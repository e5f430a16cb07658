/** Draws of a round: groups that tell nothing apart are replaced by further ones, up to a bound; and epochs over the same attempts. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import {
  Attempt,
  Config,
  Controls,
  Correctness,
  Drawing,
  Equation,
  Held,
  Key,
  Reinforce,
  Reward,
  Rollout
} from "../inside.ts"
import { Device, Reference, Resident, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import fc from "fast-check"
import { mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { lively, small, smallConfig } from "../small.ts"
import { method, reinforcedIn } from "./dying.ts"

const questions = 3
const group = 2

/** A group of attempts at a question whose outcomes are these. */
const attemptsAt = (question: string, outcomes: ReadonlyArray<number>): ReadonlyArray<Rollout.Rollout> =>
  outcomes.map((outcome) => ({
    ...Attempt.make({
      problem: { question, steps: [], answer: "1" },
      language: Equation.equations,
      output: `### ${outcome}`
    }),
    tail: [],
    said: []
  }))

type Draw = ReadonlyArray<{ readonly question: number; readonly outcomes: ReadonlyArray<number> }>
const draw = fc.array(
  fc.record({ question: fc.nat(9), outcomes: fc.array(fc.nat(1), { minLength: group, maxLength: group }) }),
  { minLength: questions, maxLength: questions }
)
const varies = ({ outcomes }: Draw[number]) => new Set(outcomes).size > 1

const drawn = (draws: ReadonlyArray<Draw>, most: number) => {
  const kept: Array<ReadonlyArray<number | null>> = []
  const run = Drawing.drawing({
    filter: Reinforce.Filter.replaced({ draws: most }),
    group,
    key: Key.fromSeed(1),
    reward: Correctness.correctness,
    act: (_, nth) =>
      Effect.succeed(
        draws[nth]!.flatMap(({ outcomes, question }) => attemptsAt(`${nth === 0 ? "first" : ""} ${question}`, outcomes))
      ),
    keep: (rows) => Effect.sync(() => void kept.push(rows))
  })
  return Effect.runPromise(Effect.map(run(0), (result) => ({ result, kept })))
}

test("places whose groups vary keep them, the others take varied groups of further draws, and no more is drawn than is wanted", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(draw, { minLength: 4, maxLength: 4 }),
      fc.integer({ min: 2, max: 4 }),
      async (draws, most) => {
        const { kept, result } = await drawn(draws, most)
        expect(result.draws).toBeLessThanOrEqual(most)
        expect(kept).toHaveLength(result.draws)
        const full = result.groups.length === questions
        expect(full || result.draws === most).toBe(true)
        // What stays of the first draw is where it was.
        draws[0]!.forEach((each, i) => {
          if (varies(each)) expect(result.groups.map(({ from }) => from)).toContain(i * group)
        })
        expect(result.groups.every(({ scores }) => new Set(scores.map(({ total }) => total)).size > 1)).toBe(true)
        for (const { from, scores } of result.groups) expect(scores).toEqual(result.scores.slice(from, from + group))
        // Attempts, scores and rows are of one draw at every place.
        const last = Array<string>(questions * group)
        kept.forEach((rows, nth) => {
          const made = draws[nth]!.flatMap(({ outcomes, question }) =>
            attemptsAt(`${nth === 0 ? "first" : ""} ${question}`, outcomes)
          )
          rows.forEach((row, place) => {
            if (row !== null) last[place] = `${made[row]!.problem.question} ${made[row]!.output}`
          })
        })
        expect(result.rollouts.map(({ output, problem }) => `${problem.question} ${output}`)).toEqual(last)
        const asked = result.groups.map(({ from }) => result.rollouts[from]!.problem.question)
        const replaced = asked.filter((question) => !question.startsWith("first"))
        expect(new Set(replaced).size).toBe(replaced.length)
        expect(result.made.rollouts).toHaveLength(result.draws * questions * group)
      }
    ),
    { numRuns: 60 }
  )
})

test("further draws ask other rows than the first, and the first asks those of a stage without them", () => {
  const at = Drawing.drawsOf(Key.fromSeed(4), 50, 5)
  expect(at(3, 0)).toEqual(Drawing.drawsOf(Key.fromSeed(4), 50, 5)(3, 0))
  expect(at(3, 1)).not.toEqual(at(3, 0))
  expect(at(3, 2)).not.toEqual(at(3, 1))
  expect(at(3, 1)).toEqual(Drawing.drawsOf(Key.fromSeed(4), 50, 5)(3, 1))
})

const experiment = small()

test("attempts of several runs lie on the device where they were put", async () => {
  await Effect.runPromise(
    Effect.gen(function* () {
      const held = yield* Held.hold(method, experiment.sizes, lively(experiment, method))
      const sampler = yield* Rollout.sampler(held, {
        latents: "sampled",
        stops: "sampled",
        answers: "sampled",
        questions: 2,
        attempts: 4,
        context: 6,
        maxSteps: 2,
        perStep: 2,
        stepSymbols: 2,
        textSymbols: 3
      })
      const gathered = yield* Rollout.gathering(held, sampler, 4)
      const run = (seed: number) =>
        Effect.andThen(
          sampler.run(
            Int32Array.from({ length: 12 }, (_, i) => 4 + (i % 3)),
            Int32Array.of(0, 0, 1, 1),
            Key.fromSeed(seed)
          ),
          Resident.get(sampler.state)
        )
      const rows = (state: Effect.Success<ReturnType<typeof run>>, row: number) => [
        state.used.data[row]!,
        ...state.latents.flatMap(({ data, sizes }) => Array.from(data.subarray(row * sizes[1]!, (row + 1) * sizes[1]!)))
      ]
      const first = yield* run(1)
      yield* gathered.take([0, 1, 2, 3])
      const second = yield* run(2)
      yield* gathered.take([null, 3, null, 0])
      const found = yield* Resident.get(gathered.state)
      expect([0, 1, 2, 3].map((row) => rows(found, row))).toEqual([
        rows(first, 0),
        rows(second, 3),
        rows(first, 2),
        rows(second, 0)
      ])
    }).pipe(Effect.scoped, Effect.provide(Reference.layer))
  )
})

const fresh = () => mkdtempSync(join(tmpdir(), "noema-drawing-"))
const reinforced = (
  path: string,
  settings: object,
  {
    device = Reference.layer as Layer.Layer<Device.Device, Device.DeviceUnavailable>,
    dieAt = Number.POSITIVE_INFINITY,
    reward = Controls.randomReward as Reward.Reward
  } = {}
) => {
  const { reinforcement } = Effect.runSync(
    Config.decodeConfig({ reinforcement: { ...JSON.parse(JSON.stringify(smallConfig.reinforcement)), ...settings } })
  )
  const config = { ...smallConfig, reinforcement } as typeof smallConfig
  return Effect.runPromise(
    Effect.gen(function* () {
      const folder = yield* reinforcedIn(path, config, { dieAt, reward })
      return (yield* folder.metrics)
        .filter((entry) => "figures" in entry)
        .map((entry) => entry["figures"] as Readonly<Record<string, number>>)
    }).pipe(Effect.scoped, Effect.provide(Layer.merge(device, NodeFileSystem.layer)))
  )
}

/** An outcome that few groups vary in. */
const seldom: Reward.Reward = Reward.perAttempt(
  "seldom",
  [0, 1],
  ({ problem, symbols }) =>
    Number(
      [...problem.question].reduce((sum, sign) => sum + sign.codePointAt(0)!, 0) % 2 === 0 && symbols[0]! % 2 === 0
    ),
  { kind: "outcome" }
)

test("with replaced groups more is learnt from, more is asked, and nothing beyond the bound", async () => {
  const varied = await reinforced(fresh(), { filter: "varied", rounds: 3 }, { reward: seldom })
  const replaced = await reinforced(fresh(), { filter: { replaced: 3 }, rounds: 3 }, { reward: seldom })
  const learnt = (all: typeof varied) => all.reduce((sum, figures) => sum + figures["learnt"]!, 0)
  expect(learnt(varied)).toBeLessThan(3)
  expect(learnt(replaced)).toBeGreaterThan(learnt(varied))
  for (const { asked, learnt } of replaced) {
    expect([2, 4, 6]).toContain(asked)
    if (asked! < 6) expect(learnt).toBe(1)
  }
  expect(varied.every((figures) => !("asked" in figures))).toBe(true)
})

test("where every group varies replacing changes nothing", async () => {
  const [plain, replacing] = [fresh(), fresh()]
  // Of the outcomes of a group one is always another.
  const seen = new Map<string, number>()
  const always: Reward.Reward = Reward.perAttempt(
    "always",
    [0, 1],
    ({ problem, round }) => {
      const at = `${round} ${problem.question}`
      seen.set(at, (seen.get(at) ?? 0) + 1)
      return seen.get(at)! % 2
    },
    { kind: "outcome" }
  )
  const device = Wasm.layer({ threads: 1 })
  const a = await reinforced(plain, { filter: "varied" }, { device, reward: always })
  seen.clear()
  const b = await reinforced(replacing, { filter: { replaced: 4 } }, { device, reward: always })
  expect(b).toEqual(a.map((figures) => ({ ...figures, asked: 2 })))
  const bytes = (path: string) => readFileSync(join(path, "rl.safetensors"))
  expect(bytes(replacing).equals(bytes(plain))).toBe(true)
})

test("a run with replaced groups and epochs, killed and started again, ends with the same bits", async () => {
  const device = Wasm.layer({ threads: 1 })
  const settings = { filter: { replaced: 3 }, epochs: 2, rounds: 3 }
  const [whole, killed] = [fresh(), fresh()]
  const metrics = await reinforced(whole, settings, { device, reward: seldom })
  await expect(reinforced(killed, settings, { device, reward: seldom, dieAt: 2 })).rejects.toThrow()
  expect(await reinforced(killed, settings, { device, reward: seldom })).toEqual(metrics)
  for (const name of ["rl.safetensors", "rl.completions.jsonl"])
    expect(readFileSync(join(killed, name)).equals(readFileSync(join(whole, name)))).toBe(true)
}, 60_000)

test("epochs go over the attempts of a round again: more updates, whose policy is no longer the one that acted", async () => {
  const once = await reinforced(fresh(), { minibatch: 8, rounds: 1 })
  const twice = await reinforced(fresh(), { minibatch: 8, rounds: 1, epochs: 2 })
  expect(once[0]!["drift"]).toBe(0)
  expect(twice[0]!["drift"]).toBeGreaterThan(0)
  expect(twice[0]!["reward"]).toBe(once[0]!["reward"])
})
