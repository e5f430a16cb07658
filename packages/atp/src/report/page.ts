/** A page with everything in it, so that it opens anywhere and loads nothing. */
import { escape } from "./svg.ts"

/** Colours that eight lines can be told apart by, in light and in dark, each at 4.5 to 1 on its paper. */
const colours = [
  ["#2f62a8", "#7db0f0"],
  ["#9a4f00", "#f0a35a"],
  ["#1a7040", "#6fd39a"],
  ["#8f3a8a", "#e08fdb"],
  ["#66551f", "#cbb47a"],
  ["#b3261e", "#ff8a80"],
  ["#0f6b75", "#6fcfda"],
  ["#5646a8", "#b3a6f5"]
] as const

const style = `
:root{color-scheme:light dark;--ink:light-dark(#1c1f24,#e6e8ec);--soft:light-dark(#555b66,#a9afbb);--rule:light-dark(#dfe3ea,#343943);--paper:light-dark(#fff,#15171b);--card:light-dark(#f7f8fa,#1c1f25);--good:light-dark(#187a3c,#6fd39a);--bad:light-dark(#b3261e,#ff8a80)}
body{font:15px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:1240px;margin:auto;padding:.8rem 1rem}
h1{font-size:1.25rem;margin:.2rem 0}h3{font-size:1rem}.verdict{font-size:1.02rem;margin:.3rem 0 .5rem;max-width:110ch}.chips{color:var(--soft);font-size:.82rem;margin:0 0 .6rem}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(340px,100%),1fr));gap:.7rem}.card{background:var(--card);border:1px solid var(--rule);border-radius:6px;padding:.5rem .6rem;break-inside:avoid}
.card h2{font-size:.92rem;margin:0 0 .2rem}.card p{margin:.2rem 0 0;color:var(--soft);font-size:.82rem}
details.part{border-top:1px solid var(--rule);margin-top:.6rem;padding-top:.4rem}details.part>summary{cursor:pointer}details.part>summary h2{display:inline;font-size:1.05rem}
table{border-collapse:collapse;margin:.6rem 0}th,td{padding:.2rem .7rem;text-align:right;border-bottom:1px solid var(--rule);font-weight:400}thead th{font-weight:600}
th:first-child,td:first-child,.facts td{text-align:left}tbody th{position:sticky;left:0;background:var(--paper)}.said td,.said th{vertical-align:top;text-align:left;font-family:ui-monospace,monospace;font-size:13px}
.charts{display:flex;flex-wrap:wrap;gap:1rem}.charts>*{flex:1 1 min(420px,100%);max-width:500px}figure{margin:0}svg{width:100%;display:block}
svg text{font-size:10.5px;fill:var(--soft)}svg g text{fill:currentColor}.grid{stroke:var(--rule)}.zero{stroke:var(--soft)}.guess{stroke:var(--soft);stroke-dasharray:4 3}
.bounds{stroke:currentColor;stroke-width:2}.mark{fill:currentColor}.lead{fill:none;stroke:currentColor;opacity:.5}.line{fill:none;stroke:currentColor;stroke-width:1.6}.band{fill:currentColor;opacity:.15}.faint{fill:none;stroke:currentColor;opacity:.3}
.bar.plain{fill:light-dark(#2f62a8,#7db0f0)}.bar.good{fill:var(--good)}.bar.bad{fill:var(--bad)}
.walk{border-top:1px solid var(--rule);padding:.25rem 0;font-size:13px}.walk:first-of-type{border:0}.walk ol{list-style:none;margin:.1rem 0;padding:0}.walk li{display:inline-block;margin-right:.9em}.walk li.end{display:block}.walk span{font-size:11px}.walk small,.other{color:var(--soft)}
.wide{overflow-x:auto;white-space:nowrap}.cell{fill:#2f62a8}svg text.on{fill:#fff}.note{color:var(--soft);margin:.4rem 0}.key::before{content:"";display:inline-block;width:.8em;height:.8em;margin-right:.3em;background:currentColor}
.key{font-size:12px;margin-right:.8em}.right{color:var(--good)}.wrong{color:var(--bad)}
.filter{border:0;padding:0;margin:.4rem 0;font-size:.85rem}.filter legend{float:left;margin-right:.8em}.filter label{margin-right:.9em}
${["right", "wrong", "changed"].map((kind) => `.completions:has(input[value=${kind}]:checked) tr[data-kinds]:not([data-kinds~=${kind}])`).join(",")}{display:none}
@page{size:A4 landscape;margin:12mm}@media print{body{print-color-adjust:exact;max-width:none;padding:0;font-size:12px}.wide{overflow:visible;white-space:normal}tr,figure{break-inside:avoid}}
${colours.map(([light, dark], i) => `.c${i}{color:light-dark(${light},${dark})}`).join("")}`

/** A part of a page, folded up, with its title and what is to be known of it; nothing where it has nothing to show. `body` is safe. */
export const section = (title: string, note: string, body: string): string =>
  body === ""
    ? ""
    : `<details class="part"><summary><h2>${escape(title)}</h2></summary><p class="note">${escape(note)}</p>${body}</details>`

/** Charts side by side. */
export const charts = (drawn: ReadonlyArray<string>): string =>
  drawn.length === 0 ? "" : `<div class="charts">${drawn.join("")}</div>`

/** The page as text. `body` is safe. */
export const page = (title: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title><style>${style}</style></head><body><main>
<h1>${escape(title)}</h1>
${body}
</main></body></html>
`
