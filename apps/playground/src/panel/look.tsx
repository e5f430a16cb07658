/** Attention: what was looked at when a latent, or the answer, was chosen. */
import { signal } from "@preact/signals"
import { walk } from "../state.ts"
import { AsTable } from "../view/figures.tsx"
import { percent, signs } from "../view/words.ts"

/** What was chosen: a latent by its place, or the answer; the answer unless somebody says. */
const chosen = signal<number | null>(null)
/** A head by its number over all layers; the mean of all unless somebody says. */
const head = signal<number | null>(null)

const mean = (rows: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<number> =>
  (rows[0] ?? []).map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length)

const each = 46
const high = 120

/** Arcs from what was looked at to the place that looked. */
const Arcs = ({
  names,
  weights
}: {
  readonly names: ReadonlyArray<string>
  readonly weights: ReadonlyArray<number>
}) => {
  const from = weights.findLastIndex((weight) => weight > 0)
  const x = (at: number) => each * (at + 0.5)
  const words = names
    .map((name, at) => ({ name, weight: weights[at]! }))
    .filter(({ weight }) => weight >= 0.005)
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, 5)
    .map(({ name, weight }) => `${name} ${percent(weight)}`)
  return (
    <svg
      class="arcs"
      viewBox={`0 0 ${each * names.length} ${high + 42}`}
      role="img"
      aria-label={`looked at most: ${words.join(", ")}`}
    >
      {names.map((name, at) => {
        const weight = weights[at]!
        const radius = Math.max(6, (each * Math.abs(from - at)) / 2)
        return (
          <g key={at} opacity={weight > 0 ? 1 : 0.6}>
            {weight < 0.005 ? null : (
              <path
                d={
                  at === from
                    ? `M${x(at) - 6} ${high}a6 9 0 1 1 12 0`
                    : `M${x(at)} ${high}A${radius} ${Math.min(radius, high - 8)} 0 0 1 ${x(from)} ${high}`
                }
                stroke-width={0.5 + 9 * weight}
                stroke-opacity={0.25 + 0.75 * weight}
              />
            )}
            <text x={x(at)} y={high + 16} text-anchor="middle">
              {signs(name.replace("latent ", "z"))}
            </text>
            <text class="share" x={x(at)} y={high + 33} text-anchor="middle">
              {weight > 0 ? percent(weight) : ""}
            </text>
          </g>
        )
      })}
    </svg>
  )
}

/** What was looked at. */
export const Look = () => {
  const attention = walk.value?.attention ?? null
  if (attention === null) return <p class="soft">What was looked at appears with the model.</p>
  const { choices, names } = attention
  const latents = names.filter((name) => name.startsWith("latent")).length
  const at = Math.min(chosen.value ?? choices.length - 1, choices.length - 1)
  const layers = choices[at]
  if (layers === undefined) return <p class="soft">Nothing was chosen: it took no latents and gave no answer.</p>
  const heads = layers.flat()
  const weights = head.value === null ? mean(heads) : (heads[head.value] ?? mean(heads))
  const perLayer = layers[0]?.length ?? 1
  const nameOf = (number: number) => `layer ${Math.floor(number / perLayer) + 1}, head ${(number % perLayer) + 1}`
  const from = names[weights.findLastIndex((weight) => weight > 0)] ?? ""
  return (
    <>
      <div class="controls">
        <span class="controls" role="group" aria-label="chosen was">
          {choices.map((_, choice) => (
            <button type="button" key={choice} aria-pressed={choice === at} onClick={() => (chosen.value = choice)}>
              {choice < latents ? `latent ${choice + 1}` : "answer"}
            </button>
          ))}
        </span>
        <label for="head" class="hidden">
          head
        </label>
        <select
          id="head"
          value={head.value === null ? "mean" : `${head.value}`}
          onChange={({ currentTarget: { value } }) => (head.value = value === "mean" ? null : Number(value))}
        >
          <option value="mean">mean of all heads</option>
          {heads.map((_, number) => (
            <option key={number} value={`${number}`}>
              {nameOf(number)}
            </option>
          ))}
        </select>
      </div>
      <p>
        {at < latents ? `Latent ${at + 1}` : "The answer"} was chosen at the state of <code>{signs(from)}</code>, which
        looked at:
      </p>
      <div class="wide" tabIndex={0} role="region" aria-label="what was looked at">
        <Arcs names={names} weights={weights} />
      </div>
      <p class="soft">
        z1, z2, … are latents. A weight says what was looked at and not what was made of it; whether an answer depends
        on a latent, swapping tells.
      </p>
      <AsTable
        caption={`Weights in percent, ${at < latents ? `latent ${at + 1}` : "answer"}`}
        head={["layer, head", ...names.map(signs)]}
        rows={() => [
          ["mean", ...mean(heads).map((weight) => (100 * weight).toFixed(0))],
          ...heads.map((own, number) => [nameOf(number), ...own.map((weight) => (100 * weight).toFixed(0))])
        ]}
      />
    </>
  )
}
