/** A method's objective at what happened. */
import { Tensor } from "@noema/tensor"
import type { Happened } from "./happened.ts"
import type { Term } from "./term.ts"

/** The sum of a method's terms by weight, and each by name; 0 for one that has nothing to say in a phase. */
export const objectiveOf = (
  { objective }: { readonly objective: ReadonlyArray<Term<void>> },
  happened: Happened
): { readonly total: Tensor.Tensor<[]>; readonly terms: Readonly<Record<string, Tensor.Tensor<[]>>> } => {
  const terms = objective.map(({ loss, name, weight }) => ({ name, weight, loss: loss(happened) ?? Tensor.scalar(0) }))
  const [first, ...rest] = terms.map(({ loss, weight }) => Tensor.mul(loss, weight))
  if (first === undefined) throw new RangeError("expected an objective of at least one term, found none")
  return {
    total: rest.reduce<Tensor.Tensor<[]>>((sum, term) => Tensor.add(sum, term), first),
    terms: Object.fromEntries(terms.map(({ loss, name }) => [name, loss]))
  }
}
