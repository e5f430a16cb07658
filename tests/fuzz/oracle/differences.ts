/** Gradients of a subject against finite differences on the reference, where those say something. */
import { type Data, filled, type Graph, type Node } from "@noema/tensor/graph"
import { interpret, type Observe, type Value } from "@noema/tensor/reference"
import { gradientsOf, lossOf, type Subject, traced } from "../program/subject.ts"
import { balanceOf } from "./decisions.ts"

/** Ties and kinks lie on the grid of the inputs; beside it functions are smooth. */
const offGrid = (data: Data, input: number): Data =>
  data instanceof Float32Array ? Float64Array.from(data, (x, i) => x + 0.007 * Math.sin(13 * i + 7 * input + 1)) : data

/** Several times the smallest step of the differences. */
const reach = 5e-5

const shifted = (data: Data, run: number): Data =>
  data instanceof Float64Array ? data.map((x, i) => x + reach * Math.sin(run * (i + 1.5))) : data

/** Where a function has an infinite slope, or none, although its value is finite. */
const isSteep = ({ inputs, op }: Node, value: Value, [a]: ReadonlyArray<Value>): boolean => {
  if (op.kind === "unary") return op.fn === "sqrt" && value.some((x) => x === 0)
  if (op.kind !== "binary" || op.fn !== "pow") return false
  const least = filled(inputs[1]!) === undefined ? 0 : -Infinity
  return a!.some((x) => x === 0 || x < least)
}

/** Whether a value is ordinary: finite and not large, or infinite where it is made of an infinity in the program. */
const isOrdinary = (node: Node, value: Value, operands: ReadonlyArray<Value>): boolean =>
  node.dtype !== "f32" ||
  node.op.kind === "scalar" ||
  value.every((x) => Math.abs(x) < 1e6) ||
  (value.every((x) => Math.abs(x) < 1e6 || Math.abs(x) === Infinity) &&
    operands.some((operand) => operand.some((x) => Math.abs(x) === Infinity)))

/** What a graph decides around these values. `see` is shown every value. */
const decidedBy = (graph: Graph, values: ReadonlyArray<Data>, see: Observe = () => {}): ReadonlyArray<Value> => {
  const found: Array<Value> = []
  interpret(graph, values, (node, value, operands) => {
    see(node, value, operands)
    const balance = balanceOf(node, operands)
    if (balance !== null) found.push(node.op.kind === "binary" ? balance.at.map(Math.trunc) : (value.slice() as Value))
  })
  return found
}

/** What a program decides, and its gradient: at a kink of a maximum it is the gradient that does. Null where it is odd. */
const decisions = (graphs: Graphs, values: ReadonlyArray<Data>): ReadonlyArray<Value> | null => {
  let areOrdinary = true
  const found = decidedBy(graphs.loss, values, (node, value, operands) => {
    areOrdinary &&= isOrdinary(node, value, operands) && !isSteep(node, value, operands)
  })
  const [loss] = interpret(graphs.loss, values)
  return areOrdinary && Number.isFinite(loss![0]!) ? [...found, ...decidedBy(graphs.gradients, values)] : null
}

/** A subject as one number, and the gradients of that. */
interface Graphs {
  readonly loss: Graph
  readonly gradients: Graph
}

const graphsOf = ({ inputs, of }: Subject): Graphs => ({
  loss: traced({ inputs, of: (...tensors) => [lossOf(of)(...tensors)] }),
  gradients: traced({ inputs, of: gradientsOf(of) })
})

/** Whether the same is decided everywhere around: else differences are those of another branch. */
const isSmooth = (graphs: Graphs, values: ReadonlyArray<Data>): boolean => {
  const here = decisions(graphs, values)
  return (
    here !== null &&
    [1, 2, 3, 4].every((run) => {
      const there = decisions(
        graphs,
        values.map((data) => shifted(data, run))
      )
      return there !== null && here.every((value, j) => value.every((x, i) => x === there[j]![i]))
    })
  )
}

/** Differences of one step may mislead, where derivatives change fast or rounding is large; hardly those of two. */
const steps = [1e-4, 1e-5]

/** Directions in the space of all real inputs: through everything at once, and along single elements. */
const directions = (data: ReadonlyArray<Data>): ReadonlyArray<ReadonlyArray<Data>> => {
  const along = (element: (input: number, i: number) => number) =>
    data.map((values, input) => (isMoving(values) ? values.map((_, i) => element(input, i)) : values))
  const cells = data.flatMap((values, input) => (isMoving(values) ? [...values.keys()].map((i) => [input, i]) : []))
  const some = cells.filter((_, k) => k % Math.ceil(cells.length / 3) === 0)
  return [
    along((input, i) => Math.sin(3 * i + input + 1)),
    along((input, i) => Math.cos(5 * i + 2 * input)),
    ...some.map(([of, at]) => along((input, i) => (input === of && i === at ? 1 : 0)))
  ]
}

const isMoving = (data: Data): data is Float64Array => data instanceof Float64Array

/** Where a gradient is wrong, in words; null where it is right, `undefined` where differences say nothing. */
export const gradientFault = (subject: Subject): string | null | undefined => {
  const values = subject.inputs.map(({ data }, i) => offGrid(data, i))
  if (!values.some(isMoving)) return undefined
  const graphs = graphsOf(subject)
  if (!isSmooth(graphs, values)) return undefined
  const gradients = interpret(graphs.gradients, values)
  const magnitude = magnitudeOf(interpret(traced(subject), values))
  const faults = directions(values).flatMap((direction) => {
    const moved = (t: number): number =>
      interpret(
        graphs.loss,
        values.map((data, i) => (isMoving(data) ? data.map((x, j) => x + t * direction[i]![j]!) : data))
      )[0]![0]!
    const terms = values.flatMap((data, i) =>
      isMoving(data)
        ? [...gradients[realBefore(values, i)]!].map((g, j) => (direction[i]![j] === 0 ? 0 : g * direction[i]![j]!))
        : []
    )
    const byRules = terms.reduce((sum, term) => sum + term, 0)
    const allTerms = terms.reduce((sum, term) => sum + Math.abs(term), 0)
    const wrong = steps.map((step) => {
      const central = (h: number): number => (moved(h) - moved(-h)) / (2 * h)
      const [wide, narrow] = [central(step), central(step / 2)]
      const found = narrow + (narrow - wide) / 3
      // Constants of rules are f32: where terms cancel, what is left is no more exact than they were.
      const allowed =
        1e-4 * Math.max(Math.abs(found), Math.abs(byRules)) +
        2 ** -23 * allTerms +
        4 * Math.abs(narrow - wide) +
        (2 ** -44 * (1 + magnitude)) / step
      return Math.abs(found - byRules) <= allowed ? null : `${byRules} by the rules, ${found} by differences`
    })
    return wrong.includes(null) ? [] : [wrong[0]!]
  })
  return faults[0] ?? null
}

/** How large all numbers are together, of which their sum holds the first digits. */
const magnitudeOf = (values: ReadonlyArray<Value>): number => {
  let sum = 0
  for (const value of values) for (const x of value) sum += Math.abs(x)
  return sum
}

/** The place of an input among the real ones. */
const realBefore = (values: ReadonlyArray<Data>, input: number): number =>
  values.slice(0, input).filter(isMoving).length
