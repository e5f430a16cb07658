import { Arithmetic, Config, Key, Splits, Subject, Task, Tokenizer, Walk } from "../inside.ts"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { describe, expect, test } from "vitest"

const modular = new Arithmetic.ArithmeticOptions({
  values: 7,
  modular: true,
  steps: 4,
  weights: [0.45, 0.3, 0.25],
  common: 0.7,
  distractors: 0.04,
  canonicalLabels: false
})
const walking = new Walk.WalkOptions({ nodes: 8, branching: 2, distractors: 0, steps: 4, canonicalLabels: false })

const tasks = {
  "arithmetic modulo 7": Arithmetic.arithmetic(modular),
  "plain arithmetic": Arithmetic.arithmetic(Arithmetic.easyArithmetic),
  "a walk": Walk.walk(walking),
  cups: Task.cups({ cups: 7 })
}

const variants = ["train", ...Task.evaluationSets] as const
const drawn = (task: Task.GeneratedTask) =>
  fc
    .tuple(fc.nat(), fc.constantFrom(...variants))
    .map(([seed, variant]) => ({ variant, problem: task.draw(Key.fromSeed(seed), variant) }))

describe.each(Object.entries(tasks))("%s", (_, task) => {
  test("every stored chain solves its problem, and every one of its steps is true and gold", () => {
    fc.assert(
      fc.property(drawn(task), ({ problem }) => {
        expect(task.language.solves(problem, problem.steps)).toBe(true)
        const gold = task.language.goldSteps(problem)
        for (const step of problem.steps) {
          expect(task.language.holds(step, problem)).toBe(true)
          expect(gold.has(step)).toBe(true)
        }
      })
    )
  })

  test("a chain that lacks a step, or ends elsewhere, solves nothing", () => {
    fc.assert(
      fc.property(drawn(task), fc.nat(), ({ problem }, at) => {
        const cut = problem.steps.toSpliced(at % problem.steps.length, 1)
        expect(task.language.solves(problem, cut)).toBe(false)
        const answer = task.symbols.find((symbol) => symbol !== problem.answer)!
        expect(task.language.solves({ ...problem, answer }, problem.steps)).toBe(false)
      })
    )
  })

  test("a step that comes to what it does come to leads to the answer, wherever it stands", () => {
    fc.assert(
      fc.property(drawn(task), fc.nat(), ({ problem }, at) => {
        const steps = problem.steps.slice(0, 1 + (at % problem.steps.length))
        const { result } = task.language.read(steps.at(-1)!)!
        expect(task.language.counterfactual!(problem, steps, result)).toBe(problem.answer)
      })
    )
  })

  test("nothing comes of steps that begin no chain, nor of a result that nothing goes on from", () => {
    const { counterfactual } = task.language
    fc.assert(
      fc.property(drawn(task), fc.string(), ({ problem }, text) => {
        const [first] = problem.steps
        expect(counterfactual!(problem, [], problem.answer)).toBeNull()
        expect(counterfactual!(problem, [`${first} ${first}`], problem.answer)).toBeNull()
        expect(counterfactual!(problem, [...problem.steps, first!], problem.answer)).toBeNull()
        if (!task.symbols.includes(text)) expect(counterfactual!(problem, [first!], text)).toBeNull()
      })
    )
  })

  test("the properties of a step are among few, and the last is what it comes to", () => {
    const { properties, read } = task.language
    expect(properties!("nothing")).toBeNull()
    fc.assert(
      fc.property(drawn(task), ({ problem }) => {
        for (const step of problem.steps) {
          const values = Object.values(properties!(step)!)
          expect(values.at(-1)).toBe(read(step)!.result)
          for (const value of values) expect(task.symbols).toContain(value)
        }
      })
    )
  })

  test("texts are symbols of the vocabulary and survive encoding", () => {
    const { decode, encode } = Tokenizer.fixedVocabulary(task.symbols)
    fc.assert(
      fc.property(drawn(task), ({ problem }) => {
        for (const text of [problem.question, ...problem.steps, problem.answer]) expect(decode(encode(text))).toBe(text)
      })
    )
  })

  test("the same key draws the same problem", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const key = Key.fromSeed(seed)
        expect(task.draw(key, "train")).toEqual(task.draw(key, "train"))
      })
    )
  })

  test("splits are disjoint by canonical question, and sets keep their number of steps", () => {
    const key = Key.fromSeed(3)
    const forms = Task.splits.map((split) =>
      Splits.problems(task, { split, variant: "train", count: 150, key }).map(task.canonical)
    )
    expect(new Set(forms.flat()).size).toBe(forms.flat().length)
    for (const split of forms) expect(split.length).toBeGreaterThan(60)

    const stepsOf = (set: Task.EvaluationSet) =>
      Splits.evaluationSet(task, set, 40, key).map(({ steps }) => steps.length)
    expect(new Set(stepsOf("simple"))).toEqual(new Set([2]))
    expect(new Set(stepsOf("distract"))).toEqual(new Set(task === tasks["a walk"] ? [1] : [1, 2]))
    expect(Math.min(...stepsOf("long"))).toBeGreaterThan(task.steps.train)
    expect(Math.max(...stepsOf("long"))).toBe(task.steps.longest)
    expect(Math.max(...stepsOf("id"))).toBeLessThanOrEqual(task.steps.train)
  })
})

test("most questions have several equivalent chains, unless labels are canonical", () => {
  const chains = (task: Task.GeneratedTask) => {
    const byQuestion = new Map<string, Set<string>>()
    for (let seed = 0; seed < 3000; seed++) {
      const { question, steps } = task.draw(Key.fromSeed(seed), "simple")
      const form = question.split(" ; ")[0]!
      byQuestion.set(form, (byQuestion.get(form) ?? new Set()).add(steps.join("|")))
    }
    return Math.max(...[...byQuestion.values()].map((set) => set.size))
  }
  const small = { ...modular, values: 3, distractors: 0, common: 0.7 }
  expect(chains(Arithmetic.arithmetic(new Arithmetic.ArithmeticOptions(small)))).toBeGreaterThan(1)
  expect(chains(Arithmetic.arithmetic(new Arithmetic.ArithmeticOptions({ ...small, canonicalLabels: true })))).toBe(1)
})

test("both ways past a pair of twins are accepted, and a step across missing edges is not", () => {
  const { language } = tasks["a walk"]
  const problem = {
    question: "a > b b > c b > d c > e d > e e > f f > a ? b 2",
    steps: ["b > c", "c > e"],
    answer: "e"
  }
  expect(language.solves(problem, ["b > c", "c > e"])).toBe(true)
  expect(language.solves(problem, ["b > d", "d > e"])).toBe(true)
  expect(language.solves(problem, ["b > e", "e > e"])).toBe(false)
  expect(language.goldSteps(problem)).toEqual(new Set(["b > c", "b > d", "c > e", "d > e"]))
  expect(language.holds("e > f", problem)).toBe(true)
  expect(language.holds("f > e", problem)).toBe(false)
})

test("of sums, another result of a step moves the answer as far as it is from its own", () => {
  const sums = Arithmetic.arithmetic(
    new Arithmetic.ArithmeticOptions({ ...modular, values: 11, weights: [0.5, 0.5, 0] })
  )
  const { counterfactual, read } = sums.language
  fc.assert(
    fc.property(drawn(sums), fc.nat(), fc.nat(10), ({ problem }, at, other) => {
      const steps = problem.steps.slice(0, 1 + (at % problem.steps.length))
      const moved = other - Number(read(steps.at(-1)!)!.result)
      expect(counterfactual!(problem, steps, `${other}`)).toBe(`${(Number(problem.answer) + moved + 22) % 11}`)
    })
  )
})

test("what another result leads to, by hand", () => {
  const { counterfactual } = tasks["arithmetic modulo 7"].language
  const product = { question: "2 + 3 * 4 - 1", steps: [], answer: "6" }
  expect(counterfactual!(product, ["3 * 4 = 5"], "1")).toBe("2")
  expect(counterfactual!(product, ["3 * 4 = 5", "2 + 5 = 0"], "6")).toBe("5")
  expect(counterfactual!(product, ["2 + 3 = 5"], "1")).toBeNull()
  // The step may be either of two, which another result would move to other sides.
  const twice = { question: "2 * 3 - 2 * 3", steps: [], answer: "0" }
  expect(counterfactual!(twice, ["2 * 3 = 6"], "5")).toBeNull()
  expect(counterfactual!(twice, ["2 * 3 = 6", "2 * 3 = 6", "6 - 6 = 0"], "5")).toBe("5")
  const plain = tasks["plain arithmetic"].language
  expect(plain.counterfactual!({ question: "9 + 9 + 9", steps: [], answer: "27" }, ["9 + 9 = 18"], "25")).toBeNull()
  const { counterfactual: along } = tasks["a walk"].language
  const ring = { question: "a > b b > c c > d d > a x > y y > x ? a 3", steps: [], answer: "d" }
  expect(along!(ring, ["a > b"], "c")).toBe("a")
  expect(along!(ring, ["a > b", "b > c"], "x")).toBe("y")
  expect(along!(ring, ["a > b", "b > c", "c > d"], "x")).toBe("x")
  expect(along!(ring, ["b > c"], "c")).toBeNull()
  const twins = { question: "a > b a > c b > d c > d d > a ? a 2", steps: [], answer: "d" }
  expect(along!(twins, ["a > b"], "a")).toBeNull()
})

test("operators that bind or associate to the left are not reduced too early", () => {
  const { language } = tasks["plain arithmetic"]
  const minus = { question: "9 - 3 + 2", steps: [], answer: "8" }
  expect(language.solves(minus, ["9 - 3 = 6", "6 + 2 = 8"])).toBe(true)
  expect(language.solves({ ...minus, answer: "4" }, ["3 + 2 = 5", "9 - 5 = 4"])).toBe(false)
  const times = { question: "2 + 3 * 4", steps: [], answer: "14" }
  expect(language.solves(times, ["3 * 4 = 12", "2 + 12 = 14"])).toBe(true)
  expect(language.solves({ ...times, answer: "20" }, ["2 + 3 = 5", "5 * 4 = 20"])).toBe(false)
})

test.each(["arithmetic", "walk", "cups"] as const)(
  "the default %s task has a hundred questions for every set",
  async (name) => {
    const config = await Effect.runPromise(Config.decodeConfig({ task: name }))
    const task = Subject.taskOf(config)
    for (const set of Task.evaluationSets) {
      const found = Splits.evaluationSet(task, set, 100, Key.fromSeed(0))
      expect([set, new Set(found.map(task.canonical)).size]).toEqual([set, 100])
    }
  }
)

test("a run that chooses settings is judged on questions that no test set holds", async () => {
  const sets = async (heldOut: "test" | "validation") => {
    const config = await Effect.runPromise(
      Config.decodeConfig({ heldOut, evaluate: 150, supervised: { problems: 100 }, reinforcement: { rounds: 2 } })
    )
    return Subject.generated(config, Key.fromSeed(0)).tests
  }
  const task = tasks["arithmetic modulo 7"]
  const forms = (all: Awaited<ReturnType<typeof sets>>) => all.flatMap(([, found]) => found.map(task.canonical))
  const [chosenOn, judgedOn] = [await sets("validation"), await sets("test")]
  expect(chosenOn.map(([name]) => name)).toEqual(["validation"])
  expect(chosenOn[0]![1].length).toBeGreaterThan(100)
  const judged = new Set(forms(judgedOn))
  expect(forms(chosenOn).filter((form) => judged.has(form))).toEqual([])
})

test("operands of the hard set are rare but for one at most; unused clauses are rare in training", () => {
  const task = tasks["arithmetic modulo 7"]
  const operands = (question: string) =>
    question
      .split(" ; ")[0]!
      .split(" ")
      .filter((s) => /\d/.test(s))
      .map(Number)
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const { question } = task.draw(Key.fromSeed(seed), "hard")
      expect(operands(question).filter((operand) => operand < 5).length).toBeLessThanOrEqual(1)
    })
  )
  const train = Array.from({ length: 1000 }, (_, seed) => task.draw(Key.fromSeed(seed), "train"))
  const share = train.filter(({ question }) => question.includes("x")).length / train.length
  expect(share).toBeGreaterThan(0)
  expect(share).toBeLessThan(0.08)
})
