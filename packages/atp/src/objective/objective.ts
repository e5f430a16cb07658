/** A method's objective at what happened. */
import { Tensor } from "@noema/tensor"
import type { Happened } from "./happened.ts"
import { BadObjective } from "./errors.ts"
import type { Term } from "./term.ts"

const noTerms = () => new BadObjective({ reason: "expected an objective of at least one term, found none" })

/**
 * Throws `BadObjective` where terms are none, are called alike, or do not weigh what a number says: found out when a method is
 * written, not when it is trained.
 */
export const checkTerms = (terms: ReadonlyArray<Pick<Term<never>, "name" | "weight">>): void => {
  if (terms.length === 0) throw noTerms()
  const wrong = terms.find(({ weight }) => !Number.isFinite(weight))
  if (wrong !== undefined)
    throw new BadObjective({ reason: `the term ${wrong.name} expects a number as its weight, found ${wrong.weight}` })
  const twice = terms.find(({ name }, i) => terms.findIndex((other) => other.name === name) < i)
  if (twice !== undefined)
    throw new BadObjective({ reason: `two terms are called ${twice.name}, which is their name in metrics; rename one` })
}

/**
 * The sum of a method's terms by weight, and each by name; 0 for one that has nothing to say in a phase. Throws `BadObjective`
 * without a term.
 *
 * @example
 * const { terms, total } = Objective.objectiveOf({ objective: [Objective.text(6), Objective.kl(1)] }, happened)
 * terms.kl // => 1.25
 * total // => 6 * Math.log(8) + 1.25
 */
export const objectiveOf = (
  { objective }: { readonly objective: ReadonlyArray<Term<void>> },
  happened: Happened
): { readonly total: Tensor.Tensor<[]>; readonly terms: Readonly<Record<string, Tensor.Tensor<[]>>> } => {
  const terms = objective.map(({ loss, name, weight }) => ({ name, weight, loss: loss(happened) ?? Tensor.scalar(0) }))
  const [first, ...rest] = terms.map(({ loss, weight }) => Tensor.mul(loss, weight))
  if (first === undefined) throw noTerms()
  return {
    total: rest.reduce<Tensor.Tensor<[]>>((sum, term) => Tensor.add(sum, term), first),
    terms: Object.fromEntries(terms.map(({ loss, name }) => [name, loss]))
  }
}
