/** Charts of reports as pictures of their own: with their colours, their legend, and a ground that suits any page. */
import type { Device } from "@noema/tensor"
import type * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"

/** A picture of a lesson, as it is drawn. */
export type Picture = Effect.Effect<string, unknown, Device.Device | FileSystem.FileSystem | Scope.Scope>

const colours = ["#0072b2", "#b34700", "#007a5a", "#a03070", "#6b5d00", "#444"]

const style =
  "text{font:11px system-ui,sans-serif;fill:#222}.grid{stroke:#ddd;fill:none}.line{fill:none;stroke-width:2}" +
  ".cell{fill:#0072b2}text.on{fill:#fff}" +
  colours.map((colour, i) => `.line.c${i}{stroke:${colour}}`).join("")

/** The picture in a figure that `Report.lineChart` or `Report.heatMap` made; the title says what is to be seen. */
export const standalone = (figure: string, title: string, legend: ReadonlyArray<string> = []): string => {
  const svg = /<svg[^]*<\/svg>/.exec(figure)![0].replace(/<title>[^<]*<\/title>/, "")
  const keys = legend.map(
    (name, i) =>
      `<g transform="translate(${60 + i * 130} 252)"><path d="M0 0h18" class="line c${i}"/><text x="23" y="4">${name}</text></g>`
  )
  const height = legend.length === 0 ? 240 : 264
  return `${svg
    .replace(
      /^<svg [^>]*>/,
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 460 ${height}" role="img"><title>${title}</title><style>${style}</style><rect width="460" height="${height}" fill="#fff"/>`
    )
    .replace(/<\/svg>$/, `${keys.join("")}</svg>`)}\n`
}
