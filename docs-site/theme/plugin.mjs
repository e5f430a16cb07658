// What TypeDoc's default theme leaves out for those who hear a page or have no mouse. Each function takes the HTML of a page and
// gives it back mended; what only a browser can mend is in page.js, what is for the eye in page.css.
import { PageEvent } from "typedoc"

/** The text with each of `from` as its `to`; a theme that no longer has one, or has two, is not the one that was mended. */
const replaced = (html, pairs) =>
  pairs.reduce((text, [from, to]) => {
    const found = text.split(from).length - 1
    if (found !== 1)
      throw new Error(`expected ${JSON.stringify(from)} once in a page of TypeDoc, found it ${found} times`)
    return text.replace(from, () => to)
  }, html)

/** Who jumps from landmark to landmark finds the text, the sidebar and the tree in it; the theme has none of these. */
const landmarks = (html) =>
  replaced(html, [
    ['<div class="col-content">', '<main class="col-content">'],
    ['</div>\n<div class="col-sidebar">', '</main>\n<aside class="col-sidebar" aria-label="Contents">'],
    ["</div></div></div><footer>", "</div></aside></div><footer>"],
    [
      '<nav class="tsd-navigation">',
      '<nav class="tsd-navigation" id="site-navigation" aria-label="Site" tabindex="-1">'
    ]
  ])

/** The tree comes after the text, which may have hundreds of links. */
const skip = (html) =>
  replaced(html, [["<body>", '<body><a class="skip" href="#site-navigation">To the navigation</a>']])

/** A placeholder is no name of a field. */
const search = (html) => replaced(html, [['<input role="combobox"', '<input role="combobox" aria-label="Search"']])

/** The menu of narrow pages is a link that listens to pointers alone; page.js makes a button open it. */
const menu = (html) =>
  html.replace(
    /<a href="#" (class="tsd-widget menu" id="tsd-toolbar-menu-trigger") data-toggle="menu" aria-label="Menu">(.*?)<\/a>/,
    '<button type="button" $1 aria-label="Menu" aria-expanded="false">$2</button>'
  )

/** A page that begins with a heading of its own is not told its name twice. */
const title = (html) =>
  html.replace(
    /<div class="tsd-page-title">\n<h1>[^<]*<\/h1><\/div>\n(?=<div class="tsd-panel tsd-typography"><h1)/,
    ""
  )

/** The theme chooses headings by their size and leaves levels out; `aria-level` says how deep each is. */
const levelled = (html, above) => {
  const open = [...above]
  return html.replace(/<h([1-6])(?=[ >])/g, (tag, digit) => {
    while (open.length > 0 && open.at(-1) >= Number(digit)) open.pop()
    open.push(Number(digit))
    return open.length === Number(digit) ? tag : `${tag} aria-level="${open.length}"`
  })
}

/** Headings of the sidebar are below that of the page, not below the last of the text. */
const headings = (html) => {
  const [text, sidebar] = html.split(/(?=<aside class="col-sidebar")/)
  return levelled(text, []) + levelled(sidebar, [1])
}

/** What folds a section holds the link to it, and no control may be within another; the list of the page has that link as well. */
const folds = (html) =>
  html.replace(/<summary class="tsd-accordion-summary".*?<\/summary>/gs, (summary) =>
    summary.replace(/<a href="#[^"]*" aria-label="Permalink".*?<\/a>/gs, "")
  )

/** A wide table is moved sideways by itself, not with the page. */
const tables = (html) =>
  html.replaceAll("<table>", '<div class="wide"><table>').replaceAll("</table>", "</table></div>")

export const mended = (html) =>
  [landmarks, skip, search, menu, title, headings, folds, tables].reduce((page, mend) => mend(page), html)

export const load = (app) =>
  app.renderer.on(PageEvent.END, (page) => {
    page.contents = mended(page.contents)
  })
