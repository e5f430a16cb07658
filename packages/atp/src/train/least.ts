/** Figures of supervised training that terms want to be at the least something, as rules of warnings. */
import type { Method } from "../method/method.ts"
import { FigureLow, type Warning } from "./warnings.ts"
import type { Figures } from "./watching.ts"

/** Updates over which a figure's mean is taken, and before which nothing is said: the first are of a model that knows nothing. */
export const leastWindow = 50

/** Looks at the updates of a stage one after the other, and says once of each figure that it is too low. */
export const leastOf = ({
  terms
}: Pick<Method, "terms">): ((figures: Figures, update: number) => ReadonlyArray<Warning>) => {
  const last: Array<Figures> = []
  const said = new Set<string>()
  return (figures, update) => {
    last.push(figures)
    if (last.length > leastWindow) last.shift()
    if (update < 2 * leastWindow || last.length < leastWindow) return []
    return terms.flatMap(({ least, name }) => {
      if (least === undefined || said.has(name)) return []
      const found = last.reduce((sum, each) => sum + (each[name] ?? 0), 0) / last.length
      if (found >= least.value) return []
      said.add(name)
      return [
        new FigureLow({
          round: update,
          figure: name,
          updates: leastWindow,
          found,
          least: least.value,
          means: least.means
        })
      ]
    })
  }
}
