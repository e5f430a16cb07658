/** Shares that change with work done, each with its band. */
import { useId } from "preact/hooks"
import type { Interval } from "../engine/protocol.ts"

/** Somebody whose share changes. */
export interface Runner {
  readonly name: string
  readonly places: ReadonlyArray<Interval & { readonly at: number }>
}

const [width, height] = [400, 210]
const [left, right, top, bottom] = [30, width - 10, 10, height - 34]
const steps = [0.02, 0.05, 0.1, 0.2] as const
const work = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] as const

/** Marks from one number to another, as few as can be told apart. */
const ticks = (from: number, to: number, sizes: ReadonlyArray<number>, most: number): ReadonlyArray<number> => {
  const size = sizes.find((each) => (to - from) / each <= most) ?? sizes.at(-1)!
  const first = Math.ceil(from / size - 1e-9)
  return Array.from({ length: Math.floor(to / size + 1e-9) - first + 1 }, (_, i) => (first + i) * size)
}

interface Given {
  readonly runners: ReadonlyArray<Runner>
  readonly title: string
  /** What they are by. */
  readonly across: string
}

/** A line and its band for each. */
export const Race = ({ across, runners, title }: Given) => {
  const id = useId()
  const all = runners.flatMap(({ places }) => places)
  const far = Math.max(1, ...all.map(({ at }) => at))
  const low = Math.max(0, Math.floor(20 * Math.min(...all.map((each) => each.low)) - 0.2) / 20)
  const high = Math.min(1, Math.ceil(20 * Math.max(...all.map((each) => each.high)) + 0.2) / 20)
  const x = (at: number) => left + (at / far) * (right - left)
  const y = (share: number) => bottom - ((share - low) / (high - low)) * (bottom - top)
  return (
    <>
      <p class="legend soft">
        {runners.map(({ name }, i) => (
          <span key={name} class={`key-of c${i}`}>
            {name}
          </span>
        ))}
      </p>
      <svg class="curve race" viewBox={`0 0 ${width} ${height}`} role="img" aria-labelledby={`${id}-title ${id}-desc`}>
        <title id={`${id}-title`}>{title}</title>
        <desc id={`${id}-desc`}>
          {runners
            .map(({ name, places }) => {
              const [from, to] = [places[0]!, places.at(-1)!]
              return `${name}: from ${(100 * from.mean).toFixed(1)} to ${(100 * to.mean).toFixed(1)} percent, band ${(100 * to.low).toFixed(1)} to ${(100 * to.high).toFixed(1)}`
            })
            .join("; ")}
        </desc>
        {ticks(low, high, steps, 5).map((share) => (
          <g key={share}>
            <path class="grid" d={`M${left} ${y(share)}H${right}`} />
            <text x={left - 6} y={y(share) + 3.5} text-anchor="end">
              {Math.round(100 * share)}
            </text>
          </g>
        ))}
        {ticks(0, far, work, 6).map((at) => (
          <text key={at} x={x(at)} y={bottom + 15} text-anchor="middle">
            {at}
          </text>
        ))}
        <text x={(left + right) / 2} y={height - 4} text-anchor="middle">
          {across}
        </text>
        {runners.map(({ name, places }, i) => (
          <g key={name} class={`c${i}`}>
            <polygon
              class="band"
              points={[
                ...places.map(({ at, high }) => `${x(at)},${y(high)}`),
                ...places.toReversed().map(({ at, low }) => `${x(at)},${y(low)}`)
              ].join(" ")}
            />
            <polyline class="line" points={places.map(({ at, mean }) => `${x(at)},${y(mean)}`).join(" ")} />
            {places.length > 30
              ? null
              : places.map(({ at, mean }) => (
                  <path
                    key={at}
                    class="mark"
                    transform={`translate(${x(at)} ${y(mean)})`}
                    d={i === 0 ? "M-3-3h6v6h-6z" : "M0-4L4 3H-4z"}
                  />
                ))}
          </g>
        ))}
      </svg>
    </>
  )
}
