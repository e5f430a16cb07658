/** A directed ring whose nodes are shaded by how likely each is. */
import { useId } from "preact/hooks"
import type { Choice } from "../engine/protocol.ts"
import { percent } from "./words.ts"

const [size, radius, node] = [300, 108, 24]
const middle = size / 2

interface Given {
  readonly nodes: ReadonlyArray<Choice>
  readonly order: ReadonlyArray<string>
  readonly start: string
  /** Where the right path is. */
  readonly expected: string
  readonly title: string
}

/** The ring. */
export const Ring = ({ expected, nodes, order, start, title }: Given) => {
  const id = useId()
  const placeOf = (at: number) => {
    const angle = (2 * Math.PI * at) / order.length - Math.PI / 2
    return [middle + radius * Math.cos(angle), middle + radius * Math.sin(angle)] as const
  }
  const chanceOf = (name: string) => nodes.find(({ text }) => text === name)?.chance ?? 0
  return (
    <svg class="ring" viewBox={`0 0 ${size} ${size}`} role="img" aria-labelledby={`${id}-title ${id}-desc`}>
      <title id={`${id}-title`}>{title}</title>
      <desc id={`${id}-desc`}>
        {`In the order of the edges: ${order
          .map(
            (name) =>
              `${name} ${percent(chanceOf(name))}${name === start ? ", the start" : ""}${name === expected ? ", where the right path is" : ""}`
          )
          .join("; ")}`}
      </desc>
      {order.map((name, at) => {
        const [x1, y1] = placeOf(at)
        const [x2, y2] = placeOf(at + 1)
        const length = Math.hypot(x2 - x1, y2 - y1)
        const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length]
        const [tx, ty] = [x2 - dx * (node + 7), y2 - dy * (node + 7)]
        return (
          <g key={name} class="edge">
            <path d={`M${x1 + dx * (node + 4)} ${y1 + dy * (node + 4)}L${tx} ${ty}`} />
            <path
              d={`M${tx - 8 * dx - 4 * dy} ${ty - 8 * dy + 4 * dx}L${tx} ${ty}L${tx - 8 * dx + 4 * dy} ${ty - 8 * dy - 4 * dx}`}
            />
          </g>
        )
      })}
      {order.map((name, at) => {
        const [x, y] = placeOf(at)
        const chance = chanceOf(name)
        return (
          <g key={name} class={`node${chance > 0.5 ? " full" : ""}`} transform={`translate(${x} ${y})`}>
            <circle class="under" r={node} />
            <circle class="shade" r={node} fill-opacity={chance} />
            {name === expected ? <circle class="right" r={node + 3.5} /> : null}
            <text y="-1" text-anchor="middle">
              {name}
            </text>
            <text class="share" y="12" text-anchor="middle">
              {percent(chance)}
            </text>
            {name === start ? (
              <text class="start" y={y > middle ? node + 16 : -node - 8} text-anchor="middle">
                start
              </text>
            ) : null}
          </g>
        )
      })}
      <text x={middle} y={middle - 4} text-anchor="middle">
        dashed: where the
      </text>
      <text x={middle} y={middle + 11} text-anchor="middle">
        right path is
      </text>
    </svg>
  )
}
