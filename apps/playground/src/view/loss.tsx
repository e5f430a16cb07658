/** A loss by update, on a scale of powers of ten, with the phases of training. */
import { useId } from "preact/hooks"
import type { Learnt } from "../engine/protocol.ts"

const [width, height] = [400, 190]
const [left, right, top, bottom] = [34, width - 10, 32, height - 32]
/** As many points as can be told apart. */
const most = 180

/** Means of as many neighbours as leave so few. */
export const thinned = (
  values: ReadonlyArray<number>,
  of: number
): ReadonlyArray<readonly [at: number, mean: number]> => {
  const size = Math.max(1, Math.ceil(of / most))
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => {
    const part = values.slice(i * size, (i + 1) * size)
    return [i * size + part.length / 2, part.reduce((sum, value) => sum + value, 0) / part.length] as const
  })
}

/** The curve. */
export const Loss = ({ learnt, of }: { readonly learnt: ReadonlyArray<Learnt>; readonly of: number }) => {
  const id = useId()
  const points = thinned(
    learnt.map(({ loss }) => loss),
    of
  )
  // A loss of nothing has no power.
  const powers = points.map(([, mean]) => Math.log10(Math.max(1e-3, mean)))
  const [low, high] = [Math.floor(Math.min(-1, ...powers)), Math.ceil(Math.max(1, ...powers))]
  const x = (update: number) => left + (update / of) * (right - left)
  const y = (power: number) => bottom - ((power - low) / (high - low)) * (bottom - top)
  const phases = learnt.flatMap(({ phase }, at) => (phase === learnt[at - 1]?.phase ? [] : [{ phase, at }]))
  const last = points.at(-1)!
  return (
    <svg class="curve race" viewBox={`0 0 ${width} ${height}`} role="img" aria-labelledby={`${id}-title ${id}-desc`}>
      <title id={`${id}-title`}>Loss by update</title>
      <desc id={`${id}-desc`}>
        {`From ${points[0]![1].toFixed(2)} to ${last[1].toFixed(2)} after ${learnt.length} of ${of} updates; phases: ${phases.map(({ at, phase }) => `${phase} from ${at + 1}`).join(", ")}`}
      </desc>
      {Array.from({ length: high - low + 1 }, (_, i) => low + i).map((power) => (
        <g key={power}>
          <path class="grid" d={`M${left} ${y(power)}H${right}`} />
          <text x={left - 6} y={y(power) + 3.5} text-anchor="end">
            {10 ** power}
          </text>
        </g>
      ))}
      {phases.map(({ at, phase }, i) => (
        <g key={phase}>
          {i === 0 ? null : <path class="guess" d={`M${x(at)} ${top}V${bottom}`} />}
          <text x={x(at) + 3} y={top - 6 - 12 * (i % 2)}>
            {phase}
          </text>
        </g>
      ))}
      {[0, 0.25, 0.5, 0.75, 1].map((share) => (
        <text key={share} x={x(share * of)} y={bottom + 14} text-anchor={share === 1 ? "end" : "middle"}>
          {Math.round(share * of)}
        </text>
      ))}
      <text x={(left + right) / 2} y={height - 3} text-anchor="middle">
        updates
      </text>
      <g class="c0">
        <polyline class="line" points={points.map(([update], i) => `${x(update)},${y(powers[i]!)}`).join(" ")} />
      </g>
    </svg>
  )
}
