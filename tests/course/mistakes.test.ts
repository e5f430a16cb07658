/** Solutions with a mistake of the kind that learners make: the compiler takes each, and the lesson tells of it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, expect, it } from "vitest"
import { lessonNamed } from "../../packages/course/src/lesson/lesson.ts"
import { verify } from "../../packages/course/src/lesson/verify.ts"

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
  ["04", "Tensor.div(scores, temperature)", "Tensor.mul(scores, temperature)", "weights at a temperature of 0.25"],
  ["05", '[...tokenizer.encode(step), special("<sep>")]', "tokenizer.encode(step)", "chain of "],
  ["05", "Layout.answerAtOnce", "Layout.stages()", "noCot should have a layout that writes the answer at once"],
  ["06", "Tensor.mean(Tensor.square", "Tensor.sum(Tensor.square", "moved from "],
  ["06", 'StepPolicy<"unscored">', 'StepPolicy<"scored">', `Type '"unscored"' is not assignable to type '"scored"'`],
  ["06", "layout: Layout.stages()", "layout: Layout.writtenChain", "should have a layout that thinks"],
  ["07", "all.has(language.normalise(step))", "language.holds(step, problem)", "goldSteps of attempts"],
  ["07", '"greedy"', '"none"', "the share of whole chains in 200 new questions should be 0.37 and is 0"],
  ["08", "Tensor.ge(counted", "Tensor.gt(counted", "after 1 there should be 1 latents in every attempt"],
  ["08", "slice(place, place + 1)", "slice(place)", "the chance of stopping at place 0"],
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
  ["12", "means[25]", "means[400]", "the interval should cover a known difference"],
  ["12", "(x - mean[j]!) ** 2", "-((x - mean[j]!) ** 2)", "the share of 291 first latents"],
  ["12", "data.map(() => 0)", "data", "accuracy of thinks after zeros should be 0.165 and is 0.99"]
]

/** What a lesson says of its solution with something else in one place. */
const verdictOn = (name: string, right: string, instead: string) => {
  const lesson = lessonNamed(name)!
  const solution = readFileSync(lesson.solution, "utf8")
  expect(solution).toContain(right)
  const file = join(folder, `${lesson.name}.ts`)
  writeFileSync(
    file,
    solution.replace(right, () => instead)
  )
  return verify(lesson, { file, shown: "exercise.ts" }, { kept: join(folder, "compiler") })
}

it.each(mistakes)("%s: %s, or %s", { timeout: 120_000 }, async (name, right, wrong, told) => {
  const verdict = await verdictOn(name, right, wrong)
  expect(verdict.right ? "right" : verdict.said).toContain(told)
  expect(verdict.right ? "" : verdict.hint.length > 20).toBe(true)
})

it("a sentence of the compiler may keep its full stop", { timeout: 120_000 }, async () => {
  const sentence = `Type '"unscored"' is not assignable to type '"scored"'`
  expect(await verdictOn("09", sentence, `${sentence}.`)).toMatchObject({ right: true })
})
