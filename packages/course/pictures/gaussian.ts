/** Densities of a coordinate of a latent: as a head has learnt it, and with a floor; and the prior. */
import { Report } from "@noema/atp"
import * as Effect from "effect/Effect"
import { standalone } from "../src/plot/standalone.ts"
import type { Picture } from "./picture.ts"

const density = (mean: number, deviation: number) =>
  Array.from({ length: 31 }, (_, i): readonly [number, number] => {
    const x = -3 + i / 5
    return [x, Math.exp(-0.5 * ((x - mean) / deviation) ** 2) / (deviation * Math.sqrt(2 * Math.PI))]
  })

export const gaussian: Picture = Effect.sync(() => {
  const lines = [
    { name: "mean 1, deviation 0.2", points: density(1, 0.2) },
    { name: "floor 0.7", points: density(1, 0.7) },
    { name: "prior N(0, 1)", points: density(0, 1) }
  ]
  const title = "A narrow density around 1; the same with a deviation of at least 0.7; the wide prior around 0."
  return standalone(
    Report.lineChart(lines, { x: "latent", y: "density" }),
    title,
    lines.map(({ name }) => name)
  )
})
