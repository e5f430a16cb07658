/** Small pictures that say a number in words as well. */
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

/** What a picture shows, in rows and columns. */
export const AsTable = ({
  caption,
  head,
  rows
}: {
  readonly caption: string
  readonly head: ReadonlyArray<string>
  readonly rows: ReadonlyArray<ReadonlyArray<ComponentChildren>>
}) => (
  <details class="as-table">
    <summary>As a table</summary>
    <div class="wide" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {head.map((each) => (
              <th scope="col" key={each}>
                {each}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
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
  </details>
)
