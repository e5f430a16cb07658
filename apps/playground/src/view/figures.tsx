/** Small pictures that say a number in words as well. */
import { useSignal } from "@preact/signals"
import type { ComponentChildren } from "preact"

/** A bar for a share, with a mark where something else is; its number stands beside it in text. */
export const Bar = ({
  share,
  mark,
  kind = "plain"
}: {
  readonly share: number
  readonly mark?: number
  readonly kind?: string
}) => (
  <span class={`bar ${kind}`} aria-hidden="true">
    <i style={{ width: `${(100 * Math.min(1, share)).toFixed(1)}%` }} />
    {mark === undefined ? null : <b style={{ left: `${100 * mark}%` }} />}
  </span>
)

interface Table {
  readonly caption: string
  readonly head: ReadonlyArray<string>
  /** Asked for when the table is opened. */
  readonly rows: () => ReadonlyArray<ReadonlyArray<ComponentChildren>>
}

const Rows = ({ caption, head, rows }: Table) => (
  <div class="wide" tabIndex={0} role="region" aria-label={caption}>
    <table>
      <caption>{caption}</caption>
      <thead>
        <tr>
          {head.map((each, i) => (
            <th scope="col" key={i}>
              {each}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows().map((row, i) => (
          <tr key={i}>
            {row.map((each, j) =>
              j === 0 ? (
                <th scope="row" key={j}>
                  {each}
                </th>
              ) : (
                <td key={j}>{each}</td>
              )
            )}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

/** What a picture shows, in rows and columns. */
export const AsTable = (table: Table) => {
  const isOpen = useSignal(false)
  return (
    <details class="as-table" onToggle={(event) => (isOpen.value = event.currentTarget.open)}>
      <summary>As a table</summary>
      {isOpen.value ? <Rows {...table} /> : null}
    </details>
  )
}
