/** The signal of a round's gradient by estimator, in lines of at most 80 columns. */
import type { Signal } from "../train/signal.ts"

const columns = { name: 32, number: 16 } as const

/** Of a number so many digits that it can be compared. */
const shown = (value: number): string =>
  value === 0 || Math.abs(value) >= 1e-4 ? value.toPrecision(3) : value.toExponential(1)

/** A table of signals. */
export const signalTable = (signals: ReadonlyArray<Signal>): string =>
  [
    `${"gradient of one round".padEnd(columns.name)}${"signal / noise".padStart(columns.number)}${"norm".padStart(columns.number)}`,
    ...signals.map(
      ({ name, norm, signalToNoise }) =>
        `${name.padEnd(columns.name)}${shown(signalToNoise).padStart(columns.number)}${shown(norm).padStart(columns.number)}`
    ),
    "signal / noise: |expected gradient|^2 over the variance around it; the random",
    "reward shows what cannot be told from nothing. norm: of half a round."
  ].join("\n")
