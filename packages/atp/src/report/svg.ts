/** Small charts as SVG text. Colours come from the page, so that a chart follows its light or dark scheme. */
import type { Line } from "./summary.ts"

/** Text made safe for HTML and SVG. */
export const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")

const width = 460
const height = 240
const margin = { left: 48, right: 12, top: 12, bottom: 34 }

/** Whether a range is too narrow for its marks to be told apart in twelve digits, or for powers of ten to divide it. */
const flat = (low: number, high: number): boolean =>
  !(high - low > Math.max(1e-300, 1e-9 * Math.max(Math.abs(low), Math.abs(high))))

/** Numbers at which a reader expects marks: 1, 2 or 5 times a power of ten apart, about `wanted` of them. */
export const ticks = (low: number, high: number, wanted = 5): ReadonlyArray<number> => {
  if (flat(low, high)) return [low]
  const rough = (high - low) / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10)
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}

const short = (value: number): string => (Math.abs(value) >= 10_000 ? `${value / 1000}k` : `${value}`)

interface Frame {
  readonly x: (value: number) => number
  readonly y: (value: number) => number
  readonly axes: string
}

const frame = (
  xs: readonly [number, number],
  ys: readonly [number, number],
  labels: readonly [string, string]
): Frame => {
  const span = ([low, high]: readonly [number, number]) => (flat(low, high) ? 1 : high - low)
  const x = (value: number) => margin.left + ((value - xs[0]) / span(xs)) * (width - margin.left - margin.right)
  const y = (value: number) =>
    height - margin.bottom - ((value - ys[0]) / span(ys)) * (height - margin.top - margin.bottom)
  const [left, right, bottom] = [margin.left, width - margin.right, height - margin.bottom]
  const rows = ticks(ys[0], ys[1])
  const axes = [
    `<path class="grid" d="${rows.map((v) => `M${left} ${y(v).toFixed(1)}H${right}`).join("")}"/>`,
    ...rows.map((v) => `<text x="${left - 5}" y="${(y(v) + 3).toFixed(0)}" text-anchor="end">${short(v)}</text>`),
    ...ticks(xs[0], xs[1]).map((v) => `<text x="${x(v).toFixed(0)}" y="${bottom + 14}">${short(v)}</text>`),
    `<text x="${(width + margin.left) / 2}" y="${height - 4}">${escape(labels[0])}</text>`,
    `<text transform="translate(11 ${height / 2}) rotate(-90)">${escape(labels[1])}</text>`
  ].join("")
  return { x, y, axes }
}

const extent = (values: ReadonlyArray<number>): readonly [number, number] => {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return low <= high ? [low, high] : [0, 1]
}

const picture = (title: string, content: string, legend: ReadonlyArray<string>): string =>
  `<figure><svg viewBox="0 0 ${width} ${height}" role="img" text-anchor="middle"><title>${escape(title)}</title>${content}</svg>` +
  `<figcaption>${legend.map((name, i) => `<span class="key c${i % 8}">${escape(name)}</span>`).join(" ")}</figcaption></figure>`

/** Names of the axes of a chart, and what the second has to show at least. */
export interface ChartOptions {
  readonly x: string
  readonly y: string
  /** The y axis begins here even if no point does; 0 by default. */
  readonly from?: number
  /** And reaches at least here. */
  readonly to?: number
}

/** As many points of a curve as a small picture can show, the last among them. */
export const thinned = <P>(points: ReadonlyArray<P>, most = 32): ReadonlyArray<P> => {
  const every = Math.ceil(points.length / most)
  return points.filter((_, i) => i % every === 0 || i === points.length - 1)
}

/** A line, with what several of its kind lie between. */
export interface Banded extends Line {
  readonly band?: ReadonlyArray<readonly [x: number, low: number, high: number]>
}

/**
 * Lines over a common x axis, with a legend, each in its band if it has one. Points that are not finite are left out.
 *
 * @example
 * const loss = { name: "loss", points: [[1, 2], [2, 1], [3, Number.NaN]] } as const
 * const chart = Report.lineChart([loss], { x: "update", y: "loss" })
 * chart.match(/points="(.*?)"/)?.[1] // => "48,12 448,109"
 */
export const lineChart = (lines: ReadonlyArray<Banded>, options: ChartOptions): string => {
  const finite = lines.map(({ band = [], name, points }) => ({
    name,
    points: thinned(points.filter((point) => point.every(Number.isFinite))),
    band: thinned(band.filter((bounds) => bounds.every(Number.isFinite)))
  }))
  const all = finite.flatMap(({ band, points }) => [
    ...points,
    ...band.flatMap(([x, low, high]): ReadonlyArray<readonly [number, number]> => [
      [x, low],
      [x, high]
    ])
  ])
  const ys = extent([...all.map(([, y]) => y), options.from ?? 0, ...(options.to === undefined ? [] : [options.to])])
  const { axes, x, y } = frame(extent(all.map(([x]) => x)), ys, [options.x, options.y])
  const drawn = (points: ReadonlyArray<readonly [number, number]>): string =>
    points.map(([px, py]) => `${x(px).toFixed(0)},${y(py).toFixed(0)}`).join(" ")
  const paths = finite.map(({ band, points }, i) => {
    const round = [
      ...band.map(([x, , high]) => [x, high] as const),
      ...band.toReversed().map(([x, low]) => [x, low] as const)
    ]
    const shade = band.length === 0 ? "" : `<polygon class="band c${i % 8}" points="${drawn(round)}"/>`
    return `${shade}<polyline class="line c${i % 8}" points="${drawn(points)}"/>`
  })
  return picture(
    `${options.y} by ${options.x}: ${lines.map(({ name }) => name).join(", ")}`,
    axes + paths.join(""),
    lines.map(({ name }) => name)
  )
}

/**
 * Counts in cells as SVG text: darker is more.
 *
 * @example
 * const cells = [{ x: 1, y: 1, count: 3 }, { x: 2, y: 1, count: 5 }]
 * Report.heatMap(cells, { x: "gold steps", y: "latent groups" }).match(/<rect/g)?.length // => 2
 */
export const heatMap = (
  cells: ReadonlyArray<{ readonly x: number; readonly y: number; readonly count: number }>,
  labels: { readonly x: string; readonly y: string }
): string => {
  const [xLow, xHigh] = extent(cells.map(({ x }) => x))
  const [yLow, yHigh] = extent(cells.map(({ y }) => y))
  const { axes, x, y } = frame([xLow - 0.5, xHigh + 0.5], [yLow - 0.5, yHigh + 0.5], [labels.x, labels.y])
  const most = Math.max(1, ...cells.map(({ count }) => count))
  const boxes = cells.map((cell) => {
    const [left, right] = [x(cell.x - 0.46), x(cell.x + 0.46)]
    const [top, bottom] = [y(cell.y + 0.46), y(cell.y - 0.46)]
    return (
      `<rect class="cell" x="${left.toFixed(1)}" y="${top.toFixed(1)}" width="${(right - left).toFixed(1)}" ` +
      `height="${(bottom - top).toFixed(1)}" fill-opacity="${(0.15 + (0.85 * cell.count) / most).toFixed(2)}"/>` +
      `<text ${cell.count > most / 2 ? 'class="on" ' : ""}x="${x(cell.x).toFixed(1)}" y="${(y(cell.y) + 3).toFixed(1)}">${cell.count}</text>`
    )
  })
  return picture(`${labels.y} by ${labels.x}`, axes + boxes.join(""), [])
}
