/** Solutions with a mistake of the kind that learners make: the compiler takes each, and the lesson tells of it. */
import * as Effect from "effect/Effect"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, expect, it } from "vitest"
import type { Checks } from "../../packages/course/src/check/check.ts"
import { layerOf } from "../../packages/course/src/lesson/devices.ts"
import { lessonNamed } from "../../packages/course/src/lesson/lesson.ts"
import { typesOf } from "../../packages/course/src/lesson/types.ts"

const cache = fileURLToPath(new URL("../.cache", import.meta.url))
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, "mistakes-"))
afterAll(() => rmSync(folder, { recursive: true }))

const mistakes: ReadonlyArray<readonly [lesson: string, right: string, wrong: string, told: string]> = [
  ["01", "differ, 3 is not 4", "differ, 4 is not 3", "is not what the compiler says of it"],
  ["02", "Tensor.le(", "Tensor.lt(", "causalMask of 1 places should be [[true]] and is [[false]]"],
  ["02", "meanSquare, 1e-5", "meanSquare, 1e-2", "rmsNorm(["],
  ["03", "b: Tensor.sub(params.b", "b: Tensor.add(params.b", "b after a step"],
  [
    "03",
    "Tensor.mul(g, 0.5)",
    "Tensor.mul(g, 1)",
    "the slope of safeRoot(x) * safeRoot(x) should be 1 at x = 4 and is 2"
  ],
  ["04", "Math.sqrt(query.sizes[2])", "query.sizes[2]", "weights of 3 places with heads of 2"],
  [
    "04",
    "Math.sqrt(query.sizes[2])",
    "Math.sqrt(query.sizes[0] * query.sizes[2])",
    "in a LLaMA with random parameters, weights of head 1"
  ],
  ["04", "Tensor.div(scores, temperature)", "Tensor.mul(scores, temperature)", "weights at a temperature of 0.25"],
  ["05", '[...tokenizer.encode(step), special("<sep>")]', "tokenizer.encode(step)", "chain of "],
  ["05", "Layout.answerAtOnce", "Layout.stages()", "noCot should have a layout that writes the answer at once"],
  ["06", "Tensor.mean(Tensor.square", "Tensor.sum(Tensor.square", "moved from "],
  ["06", 'StepPolicy<"unscored">', 'StepPolicy<"scored">', `Type '"unscored"' is not assignable to type '"scored"'`],
  ["06", "layout: Layout.stages()", "layout: Layout.writtenChain", "should have a layout that thinks"],
  ["06", "layout: Layout.stages()", "layout: Layout.latentsAtOnce()", "should be 1 (text remaining), 2 "],
  [
    "06",
    "Objective.interchange(6), ",
    "",
    "with zeros in place of its latents, grounded should be right in 0.3 of 51 new questions at most"
  ],
  ["07", "all.has(language.normalise(step))", "language.holds(step, problem)", "goldSteps of attempts"],
  ["07", "all.has(language.normalise(step))", "all.has(step)", "goldSteps of attempts"],
  ["07", '"greedy"', '"none"', "the share of whole chains in 200 new questions should be 0.37 and is 0"],
  ["08", "Tensor.ge(counted", "Tensor.gt(counted", "after 1 there should be 1 latents in every attempt"],
  ["08", "slice(place, place + 1)", "slice(place)", "the chance of stopping at place 0"],
  ["08", "stopChances.slice(place, place + 1)", "stopChances[place] ?? 0", "the chance of stopping at place 1"],
  [
    "08",
    "stopChances.slice(place, place + 1)",
    "stopChances.slice(0, place + 1).at(-1)!",
    "the chance of stopping at place 1"
  ],
  ["08", "Math.max(0, ...attempts", "Math.min(3, ...attempts", "the points of attempts with the chances"],
  [
    "08",
    "[place, chanceAt(attempts, place)]",
    "[place + 1, chanceAt(attempts, place)]",
    "the points of attempts with the chances"
  ],
  ["09", "Tensor.square(deviation)), 1)", "Tensor.square(deviation)), 2)", "the kl at a state of -2"],
  ["10", "const weight: number = 5", "const weight: number = 1", "should raise the mean of hackable"],
  ["10", "Reward.gate(brevity, Reward.correctness)", "brevity", "should lower the mean of honest"],
  ["11", "Tensor.clip(ratio, 0.8, 1.2)", "Tensor.clip(ratio, 0.5, 2)", "clippedLoss of now"],
  ["11", "PerAttempt = stopGradient(now)", "PerAttempt = now", "after 300 rounds the mean"],
  [
    "11",
    "Points = stopGradient(Tensor.add(policy.mean, Tensor.mul(noise, 0.5)))",
    "Points = Tensor.add(policy.mean, Tensor.mul(noise, 0.5))",
    "after 300 rounds the mean"
  ],
  [
    "11",
    "leaveOneOut,\n    clip",
    "leaveOneOut,\n    clip: { ...clip, loss: (ratio) => ratio }",
    "the clip of Practised at ratios of 0.5, 1 and 2"
  ],
  ["11", "advantage: leaveOneOut", "advantage: groupRelative", "the advantages of Practised"],
  ["11", "Number(answer === problem.answer)", "Number(answer !== problem.answer)", "the rewards of 128 attempts"],
  [
    "11",
    "now - before[i]!",
    "before[i]! - now",
    "log-probabilities of attempts that were better than the others should grow"
  ],
  ["12", "means[25]", "means[400]", "the interval should cover a known difference"],
  [
    "12",
    "Tensor.add(Tensor.matmul(latents, weights), offset)",
    "Tensor.matmul(latents, weights)",
    "the scores of the weights"
  ],
  ["12", "2 * latents.sizes[0]", "latents.sizes[0]", "the loss of the weights"],
  [
    "12",
    "scoresOf(probe, latents), labels",
    "Tensor.div(Tensor.floor(Tensor.mul(scoresOf(probe, latents), 64)), 64), labels",
    "first latents whose spelt result your probe reads out of them should be"
  ],
  ["12", "means[25]!, high: means[974]!", "means[50]!, high: means[949]!", "1.96 standard errors below and above"],
  ["12", "attempts[own]!.answer", "attempts[own]!.problem.answer", "the shares of own and of donors' answers, where"],
  ["12", "most: thought.count", "most: 3", "given its first latents alone"],
  ["12", "most: thought.count", "most: thought.count + 1", "given its first latents alone"],
  ["12", "data.map(() => 0)", "data", "accuracy of thinks after zeros should be 0.165 and is 0.99"]
]

/**
 * What a lesson says of its solution with something else in one place, and what it hints at; null where it finds nothing. The
 * checks run in this process, which has loaded the packages, and not in one for each.
 */
const saidOf = async (name: string, right: string, instead: string, as: string) => {
  const lesson = lessonNamed(name)!
  const { default: checks } = (await import(lesson.check)) as { readonly default: Checks<unknown> }
  const solution = readFileSync(lesson.solution, "utf8")
  expect(solution).toContain(right)
  const [file, text] = [join(folder, `${as}.ts`), solution.replace(right, () => instead)]
  writeFileSync(file, text)
  const kept = join(folder, "compiler")
  const types = await typesOf({ file, text, shown: "exercise.ts" }, { file: lesson.solution, text: solution }, { kept })
  if (types !== null) return { said: types, hint: checks.hint }
  const exercise: unknown = await import(file)
  for (const { hint, kind, run } of checks.checks) {
    const said = await Effect.runPromise(run(exercise).pipe(Effect.scoped, Effect.provide(layerOf(kind))))
    if (said !== null) return { said, hint }
  }
  return null
}

it.each(mistakes.map((mistake, i) => [...mistake, `mistake-${i}`] as const))(
  "%s: %s, or %s",
  { timeout: 120_000 },
  async (name, right, wrong, told, as) => {
    const found = await saidOf(name, right, wrong, as)
    expect(found?.said ?? "nothing").toContain(told)
    expect(found!.hint.length).toBeGreaterThan(20)
  }
)

it("a sentence of the compiler may keep its full stop", { timeout: 120_000 }, async () => {
  const sentence = `Type '"unscored"' is not assignable to type '"scored"'`
  expect(await saidOf("09", sentence, `${sentence}.`, "full-stop")).toBe(null)
})
