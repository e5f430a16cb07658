/** Charts of reports as pictures of their own: with their colours, their legend, and a ground that suits any page. */

const colours = ["#0072b2", "#b34700", "#007a5a", "#a03070", "#6b5d00", "#444"]

const style =
  "text{font:11px system-ui,sans-serif;fill:#222}.grid{stroke:#ddd;fill:none}.line{fill:none;stroke-width:2}" +
  ".cell{fill:#0072b2}text.on{fill:#fff}" +
  colours.map((colour, i) => `.line.c${i}{stroke:${colour}}`).join("")

/** The picture in a figure that `Report.lineChart` or `Report.heatMap` made; the title says what is to be seen. */
export const standalone = (figure: string, title: string, legend: ReadonlyArray<string> = []): string => {
  const svg = /<svg[^]*<\/svg>/.exec(figure)![0].replace(/<title>[^<]*<\/title>/, "")
  // Six and a half pixels a sign is what these letters take.
  const places = legend.map((_, i) => legend.slice(0, i).reduce((x, name) => x + 45 + 6.5 * name.length, 50))
  const keys = legend.map(
    (name, i) =>
      `<g transform="translate(${places[i]!.toFixed(0)} 252)"><path d="M0 0h18" class="line c${i}"/><text x="23" y="4" text-anchor="start">${name}</text></g>`
  )
  const height = legend.length === 0 ? 240 : 264
  const begin = svg
    .slice(0, svg.indexOf(">") + 1)
    .replace(/^<svg viewBox="[^"]*"/, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 460 ${height}"`)
  const ground = `<style>${style}</style><rect width="460" height="${height}" fill="#fff"/>`
  const body = svg.slice(svg.indexOf(">") + 1, -"</svg>".length)
  return `${begin}<title>${title}</title>${ground}${body}${keys.join("")}</svg>\n`
}
