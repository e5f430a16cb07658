/** Numbers by two names each, in cells that are darker for more. */

/** A picture of a table; `values` has a row for each of `rows`, and `most` is what is darkest. */
export const cells = (
  title: string,
  {
    columns,
    most,
    rows,
    values
  }: {
    readonly rows: ReadonlyArray<string>
    readonly columns: ReadonlyArray<string>
    readonly values: ReadonlyArray<ReadonlyArray<number>>
    readonly most: number
  }
): string => {
  const [left, top, height] = [104, 30, 46]
  const width = (460 - left - 8) / columns.length
  const all = top + rows.length * height + 8
  const heads = columns.map(
    (name, x) => `<text x="${(left + (x + 0.5) * width).toFixed(1)}" y="20" text-anchor="middle">${name}</text>`
  )
  const lines = rows.map((name, y) => {
    const middle = top + y * height + height / 2 + 4
    const boxes = values[y]!.map((value, x) => {
      const share = value / most
      const at = left + x * width
      return (
        `<rect x="${(at + 2).toFixed(1)}" y="${top + y * height + 2}" width="${(width - 4).toFixed(1)}" height="${height - 4}" fill="#0072b2" fill-opacity="${(0.12 + 0.88 * share).toFixed(2)}"/>` +
        `<text x="${(at + width / 2).toFixed(1)}" y="${middle}" text-anchor="middle"${share > 0.5 ? ' fill="#fff"' : ""}>${value}</text>`
      )
    })
    return `<text x="${left - 8}" y="${middle}" text-anchor="end">${name}</text>${boxes.join("")}`
  })
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 460 ${all}" role="img" font-family="system-ui, sans-serif" font-size="12" fill="#222">` +
    `<title>${title}</title><rect width="460" height="${all}" fill="#fff"/>${heads.join("")}${lines.join("")}</svg>\n`
  )
}
