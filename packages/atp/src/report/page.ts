/** A page with everything in it, so that it opens anywhere and loads nothing. */
import { escape } from "./svg.ts"

const style = `
:root{color-scheme:light dark;--ink:light-dark(#1c1f24,#e4e6ea);--soft:light-dark(#667,#99a);--rule:light-dark(#dde,#334);--paper:light-dark(#fff,#16181c)}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:1020px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid var(--rule)}h3{font-size:1rem}
table{border-collapse:collapse;margin:.6rem 0}th,td{padding:.2rem .7rem;text-align:right;border-bottom:1px solid var(--rule)}
th:first-child,td:first-child,.facts td{text-align:left}td.text{vertical-align:top;text-align:left;font-family:ui-monospace,monospace;font-size:13px}
.charts{display:flex;flex-wrap:wrap;gap:1rem}.charts>*{flex:1 1 420px;max-width:500px}figure{margin:0}svg{width:100%}
svg text{font-size:10px;fill:var(--soft)}.grid{stroke:var(--rule)}.line{fill:none;stroke-width:1.6}
.wide{overflow-x:auto;white-space:nowrap}.cell{fill:#3b78c4}svg text.on{fill:#fff}.note{color:var(--soft);margin:.4rem 0}.key::before{content:"";display:inline-block;width:.8em;height:.8em;margin-right:.3em;background:currentColor}
.key{font-size:12px;margin-right:.8em}.right{color:light-dark(#187a3c,#5c8)}.wrong{color:light-dark(#b3261e,#f88)}
${["#3b78c4", "#d9822b", "#2f9e5f", "#b5479e", "#8a6d3b", "#c0392b", "#4f9da6", "#7d6bc4"]
  .map((colour, i) => `.c${i}{color:${colour};stroke:${colour}}`)
  .join("")}`

/** A part of a page with its title and what is to be known of it; nothing where it has nothing to show. `body` is safe. */
export const section = (title: string, note: string, body: string): string =>
  body === "" ? "" : `<h2>${escape(title)}</h2><p class="note">${escape(note)}</p>${body}`

/** Charts side by side. */
export const charts = (drawn: ReadonlyArray<string>): string =>
  drawn.length === 0 ? "" : `<div class="charts">${drawn.join("")}</div>`

/** The page as text. `body` is safe. */
export const page = (title: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title><style>${style}</style></head><body>
<h1>${escape(title)}</h1>
${body}
</body></html>
`
