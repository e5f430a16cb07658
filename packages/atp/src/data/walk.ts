/**
 * Graph walking in the style of ProsQA: the edges of a directed ring in random order, a start and a number of hops; the
 * answer is the node reached and a step is an edge (`a > b`). Some places of the ring hold twins, two nodes with the same
 * neighbours, and every way through either twin is an equally good chain. Distractor edges form a second ring that is
 * never reached. All nodes look alike, so a guess is right once in as many times as there are nodes to end on.
 */
import * as Schema from "effect/Schema"
import { derive, draws, type Draws, type Key } from "../random/key.ts"
import { generated, type GeneratedTask } from "./generated.ts"
import type { Problem, StepLanguage } from "./problem.ts"
import { registered } from "./registered.ts"
import type { Variant } from "./task.ts"

const size = (minimum: number, maximum: number) => Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

const fields = Schema.Struct({
  /** Places on the ring. */
  nodes: size(4, 16),
  /** Places that hold two nodes; they are never neighbours, so there are at most half as many as places. */
  branching: size(0, 4),
  /** Edges of the second ring; 0 for none. */
  distractors: size(0, 8),
  /** Hops of a training question: uniform in 1..steps; the longest held-out set goes two beyond. */
  steps: size(1, 8),
  /** Label every question with the alphabetically first chain instead of a random one of the equivalent chains. */
  canonicalLabels: Schema.Boolean
})

const letters = "abcdefghijklmnopqrstuvwxyz"

/** Pairs of twins in the hard set, unused nodes in the distract set, and names that any set may need. */
const mostOf = ({ branching, distractors, nodes }: typeof fields.Type) => {
  const twins = Math.min(branching + 1, Math.floor(nodes / 2))
  const unused = Math.max(3, distractors)
  return { twins, unused, names: nodes + twins + unused }
}

/** Difficulty of the graph task. */
export class WalkOptions extends Schema.Class<WalkOptions>("noema/WalkOptions")(
  fields.check(
    Schema.makeFilter((options) => {
      const { branching, nodes } = options
      if (2 * branching > nodes) return `Expected a branching of at most half of ${nodes} nodes, found ${branching}`
      const { names } = mostOf(options)
      return (
        names <= letters.length ||
        `Expected at most ${letters.length} names for a walk and its held-out sets, found ${names}`
      )
    })
  )
) {}

interface Walk {
  readonly edges: ReadonlyMap<string, ReadonlyArray<string>>
  readonly start: string
  readonly hops: number
}

const parse = (question: string): Walk => {
  const [facts, asked] = question.split(" ? ")
  const symbols = facts!.split(" ")
  const edges = new Map<string, Array<string>>()
  for (let i = 0; i + 2 < symbols.length; i += 3) {
    const from = symbols[i]!
    edges.set(from, [...(edges.get(from) ?? []), symbols[i + 2]!])
  }
  const [start, hops] = asked!.split(" ")
  return { edges, start: start!, hops: Number(hops) }
}

const normalise = (text: string): string => text.trim().replaceAll(/\s+/g, " ")
const edgeOf = (text: string): readonly [string, string] | null => {
  const match = /^([a-z]) > ([a-z])$/.exec(normalise(text))
  return match === null ? null : [match[1]!, match[2]!]
}

/** The node that steps lead to from the start, or null where they are no way along edges. */
const reachedBy = ({ edges, start }: Walk, steps: ReadonlyArray<string>): string | null => {
  let at = start
  for (const step of steps) {
    const edge = edgeOf(step)
    if (edge === null || edge[0] !== at || !edges.get(at)?.includes(edge[1])) return null
    at = edge[1]
  }
  return at
}

const language: StepLanguage = {
  normalise,
  read: (text) => {
    const edge = edgeOf(text)
    return edge === null ? null : { operands: [edge[0]], result: edge[1] }
  },
  resultText: (text) => text.split(">")[1]?.trim() ?? "",
  holds: (text, problem) => {
    const edge = edgeOf(text)
    return edge !== null && (parse(problem.question).edges.get(edge[0])?.includes(edge[1]) ?? false)
  },
  goldSteps: (problem) => {
    const walk = parse(problem.question)
    const gold = new Set<string>()
    let reached = new Set([walk.start])
    for (let hop = 1; hop <= walk.hops; hop++) {
      const next = new Set<string>()
      for (const from of reached)
        for (const to of walk.edges.get(from) ?? [])
          // The last hop of every chain ends on the answer; a ring has one way out of a place, so all others do too.
          if (hop < walk.hops || to === problem.answer) {
            gold.add(`${from} > ${to}`)
            next.add(to)
          }
      reached = next
    }
    return gold
  },
  solves: (problem, steps) => {
    const walk = parse(problem.question)
    return steps.length === walk.hops && reachedBy(walk, steps) === problem.answer
  },
  counterfactual: (problem, steps, result) => {
    const walk = parse(problem.question)
    if (steps.length === 0 || reachedBy(walk, steps) === null) return null
    let reached = new Set([result])
    for (let hop = steps.length; hop < walk.hops; hop++)
      reached = new Set([...reached].flatMap((from) => walk.edges.get(from) ?? []))
    return reached.size === 1 && walk.edges.has(result) ? [...reached][0]! : null
  },
  properties: (text) => {
    const edge = edgeOf(text)
    return edge === null ? null : { node: edge[1] }
  }
}

/** The graph-walking task of these options. */
export const walk = (options: WalkOptions): GeneratedTask => {
  const longest = options.steps + 2
  const { names: needed, twins: hardBranching, unused: unusedAtDistract } = mostOf(options)

  const hopsOf = (random: Draws, variant: Variant): number => {
    if (variant === "simple") return Math.min(2, options.steps)
    if (variant === "distract") return 1
    return variant === "long" ? random.integer(options.steps + 1, longest) : random.integer(1, options.steps)
  }

  const draw = (key: Key, variant: Variant): Problem<never> => {
    const random = draws(derive(key, "walk"))
    const hops = hopsOf(random, variant)
    const branching = variant === "hard" ? hardBranching : options.branching
    const names = random.shuffle(Array.from(letters.slice(0, needed)))
    // Twins sit at every other place from a random offset, so that they are never neighbours.
    const offset = random.integer(0, options.nodes - 1)
    const evenPlaces = Array.from({ length: Math.floor(options.nodes / 2) }, (_, i) => (offset + 2 * i) % options.nodes)
    const twinPlaces = new Set(random.shuffle(evenPlaces).slice(0, branching))
    const places = Array.from({ length: options.nodes }, (_, place) => names.splice(0, twinPlaces.has(place) ? 2 : 1))
    const ring = places.flatMap((from, place) =>
      from.flatMap((a) => places[(place + 1) % options.nodes]!.map((b) => [a, b] as const))
    )
    const unused = names.slice(0, variant === "distract" ? unusedAtDistract : options.distractors)
    const second = unused.map((a, i) => [a, unused[(i + 1) % unused.length]!] as const)
    const ends = places.flatMap((nodes, place) => (nodes.length === 1 ? [place] : []))
    const goal = random.choose(ends)
    const startPlace = (((goal - hops) % options.nodes) + options.nodes) % options.nodes
    const path = Array.from({ length: hops + 1 }, (_, hop) => {
      const nodes = places[(startPlace + hop) % options.nodes]!
      return hop > 0 && options.canonicalLabels ? nodes.toSorted()[0]! : random.choose(nodes)
    })
    const edges = random.shuffle([...ring, ...second]).map(([a, b]) => `${a} > ${b}`)
    return {
      question: `${edges.join(" ")} ? ${path[0]} ${hops}`,
      steps: path.slice(1).map((to, hop) => `${path[hop]} > ${to}`),
      answer: path[hops]!
    }
  }

  return generated({
    name: `walk on ${options.nodes} places`,
    symbols: [">", "?", ...Array.from({ length: longest }, (_, hop) => `${hop + 1}`), ...letters.slice(0, needed)],
    steps: { train: options.steps, longest },
    chance: 1 / (options.nodes - options.branching),
    draw,
    canonical: ({ question }) => {
      const { edges, hops, start } = parse(question)
      const pairs = [...edges].flatMap(([from, tos]) => tos.map((to) => from + to))
      return `${pairs.sort().join(" ")} ? ${start} ${hops}`
    },
    language
  })
}

/** By name: `--task walk`, with `--set walk.nodes=5` and the like. */
export const walkTask = registered(
  "walk",
  WalkOptions,
  { nodes: 6, branching: 1, distractors: 0, steps: 3, canonicalLabels: false },
  walk,
  // Finding the successor of a node in the question is learned late, sooner with wide heads, and needs long stages.
  {
    model: { heads: 2, kvHeads: 2 },
    supervised: { problems: 10_000, warmStart: 1300, perStage: 500, final: 300 }
  }
)
