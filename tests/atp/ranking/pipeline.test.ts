/** Reward models as stages of a run. */
import { Methods, Pipeline, Reward, Search, Task } from "@noema/atp"
import * as Effect from "effect/Effect"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { Held, Key, Labels } from "../inside.ts"
import { fresh, run, tiny } from "../pipeline/small.ts"

const bed = {
  task: Task.arithmetic({ values: 5, steps: 2 }),
  method: Methods.atpLatent,
  ...tiny,
  // Enough that some answers are right.
  model: { width: 16, layers: 1, heads: 2, kvHeads: 1, hidden: 16 },
  supervised: { problems: 100, batch: 16, warmStart: 100, perStage: 40, final: 120, learningRate: 1e-2 },
  evaluate: 12
}
const few = { questions: 24, candidates: 4, completions: 2, updates: 6, batch: 4, noise: 1 } as const
const ranked = Pipeline.pipeline(bed).pipe(Pipeline.supervise(), Pipeline.rank(few))
const by = <E>(search: Search.Search<E>) => Pipeline.evaluate({ sets: ["id"], search: Search.withNoise(search, 1) })
const shifted = Reward.mapTotal(Reward.learned, [0, 20], (total) => total + 10)
const searched = ranked.pipe(
  Pipeline.evaluate({ sets: ["id"] }),
  by(Search.bestOf(3, Reward.learned)),
  by(Search.weightedVote(3, shifted)),
  by(Search.beam(2, 2, Reward.learned))
)

/** Trained by the first test, and looked at by others. */
const halved = fresh()

test("a run that was stopped on the way goes on with the same reward model", async () => {
  const whole = fresh()
  await run(ranked.into(whole, { saveEvery: 2 }))
  const stop = new Error("stopped")
  let seen = 0
  await expect(
    run(
      ranked.into(halved, {
        saveEvery: 2,
        listen: (stage) => (stage === "atp-latent-rm" && ++seen === 5 ? Effect.die(stop) : Effect.void)
      })
    )
  ).rejects.toThrow("stopped")
  await run(ranked.into(halved, { saveEvery: 2 }))
  const [one, other] = [whole, halved].map((folder) => readFileSync(join(folder, "atp-latent-rm.safetensors")))
  expect(one!.equals(other!)).toBe(true)
}, 60_000)

test("a reward model is a stage that is saved and not trained again, and judges searches and reinforcement after it", async () => {
  const folder = halved
  const { evaluations, models } = await run(searched.into(folder))
  expect(evaluations.map(({ searched }) => searched?.name ?? null)).toEqual([
    null,
    "best-of-3 by reward model, with noise 1",
    "weighted-vote-3 by reward model, with noise 1",
    "beam-2x2 by reward model, with noise 1"
  ])
  // What goes on is the model that was judged, and no reward model.
  expect(Object.keys(models)).toEqual(["warm-start", "atp-latent"])
  const bytes = () => readFileSync(join(folder, "atp-latent-rm.safetensors"))
  const metrics = () => readFileSync(join(folder, "metrics.jsonl"), "utf8")
  const [before, told] = [bytes(), metrics()]
  expect(told.match(/"stage":"atp-latent-rm"/g)).toHaveLength(few.updates)
  const reward = Reward.weighted([
    [1, Reward.correctness],
    [0.1, Reward.learned]
  ])
  const again = await run(searched.pipe(Pipeline.reinforce({ reward })).into(folder))
  expect(again.evaluations.map(({ accuracy }) => accuracy)).toEqual(evaluations.map(({ accuracy }) => accuracy))
  expect(bytes().equals(before)).toBe(true)
  expect(metrics().startsWith(told)).toBe(true)
  expect(metrics()).toMatch(/"reward\/reward model":/)
  expect(readdirSync(folder)).toContain("atp-latent-rl.safetensors")
}, 60_000)

test("labels: of a finished chain what came of it, of a prefix the share of what goes on from it", async () => {
  const { evaluations, model } = await run(
    Pipeline.pipeline(bed)
      .pipe(Pipeline.supervise(), Pipeline.evaluate({ sets: ["id"] }))
      .run()
  )
  const { language, method, parameters, sizes, tokenizer, use } = model
  const wording = { ...use!, tokenizer, language: language! }
  const problems = evaluations[0]!.rollouts.map(({ problem }) => problem)
  const stirred = Search.withNoise(Search.single, 1).stirred
  const labelled = (asked: typeof problems, options: Partial<Labels.LabelOptions> = {}) =>
    run(
      Effect.flatMap(Held.hold(method, sizes, parameters), (held) =>
        Labels.labelled(held, wording, asked, { candidates: 6, completions: 3, stirred, ...options }, Key.fromSeed(1))
      ).pipe(Effect.scoped)
    )
  const all = await labelled(problems)
  expect(all.length).toBeGreaterThan(0)
  for (const { candidates } of all) {
    expect(candidates).toHaveLength(6)
    for (const { count, labels } of candidates) {
      expect(labels).toHaveLength(count / wording.perStep)
      for (const label of labels.slice(0, -1)) expect([0, 1, 2, 3]).toContain(Math.round(label * 3 * 1e9) / 1e9)
      if (labels.length > 0) expect([0, 1]).toContain(labels.at(-1))
    }
    // Of one question some come out right and some do not.
    expect(new Set(candidates.filter(({ count }) => count > 0).map(({ labels }) => labels.at(-1))).size).toBeLessThan(3)
  }
  const nobody = { ...problems[0]!, answer: "nobody says this" }
  await expect(labelled([nobody])).rejects.toThrow(
    /^expected questions at which some attempts of ATP-Latent are right and some wrong, found none among 1;/
  )
})

test("what asks for a reward model that nobody trains, or for one that cannot be, is refused before anything is trained", async () => {
  const bare = Pipeline.pipeline(bed).pipe(Pipeline.supervise())
  await expect(run(bare.pipe(Pipeline.evaluate({ search: Search.bestOf(2, Reward.learned) })).run())).rejects.toThrow(
    "evaluation of atp-latent: expected a stage of rank before what the reward model judges, found none"
  )
  await expect(run(bare.pipe(Pipeline.reinforce({ reward: Reward.learned })).run())).rejects.toThrow(
    "atp-latent-rl: expected a stage of rank before what the reward model judges, found none"
  )
  await expect(run(bare.pipe(Pipeline.rank({ candidates: 1 })).run())).rejects.toThrow(
    "atp-latent-rm: expected a whole number from 2 to 65536 as candidates, found 1"
  )
  const coconut = Pipeline.pipeline({ ...bed, method: Methods.coconut }).pipe(Pipeline.supervise(), Pipeline.rank())
  await expect(run(coconut.run())).rejects.toThrow(
    /^coconut-rm: Coconut draws nothing, and all 8 attempts of ranking would be/
  )
  const written = Pipeline.pipeline({ ...bed, method: Methods.cot }).pipe(Pipeline.supervise(), Pipeline.rank())
  await expect(run(written.run())).rejects.toThrow(
    "cot-rm: CoT-SFT has no latents to be ranked; expected a method that thinks"
  )
})
