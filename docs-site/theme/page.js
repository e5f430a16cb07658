// What TypeDoc's pages do with a mouse, by keyboard too.
const root = document.documentElement
const tree = document.getElementById("tsd-nav-container")
const menu = document.getElementById("tsd-toolbar-menu-trigger")
const sidebar = document.querySelector(".col-sidebar")

/** In the tree a link is the name of what it unfolds, and no control may be within another: the link goes before it. */
const unnest = () => {
  for (const summary of tree.querySelectorAll("summary:has(> a)")) {
    const link = summary.querySelector("a")
    summary.ariaLabel = `Contents of ${link.textContent}`
    summary.parentElement.before(link)
  }
}
new MutationObserver(unnest).observe(tree, { childList: true })
// TypeDoc may have drawn it before this is read.
unnest()

/** Nor within an answer of the search, which is chosen as a whole. */
const answers = document.getElementById("tsd-search-results")
new MutationObserver(() => {
  for (const link of answers.querySelectorAll("a[href]")) {
    const { href } = link
    link.removeAttribute("href")
    link.removeAttribute("tabindex")
    link.addEventListener("click", () => location.assign(href))
  }
}).observe(answers, { childList: true })

/** What is wider than its place can be moved by the arrow keys once it has the focus. */
const focusable = new ResizeObserver((entries) => {
  for (const { target } of entries)
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0
    else target.removeAttribute("tabindex")
})
for (const wide of document.querySelectorAll(".wide, .tsd-signature, pre > code")) focusable.observe(wide)

/** On a narrow page the sidebar is a menu. The focus goes into it, and back to the button once it is closed. */
const show = (open) => {
  root.classList.toggle("has-menu", open)
  menu.ariaExpanded = String(open)
  ;(open ? sidebar.querySelector("a, summary") : menu).focus()
}
const isOpen = () => root.classList.contains("has-menu")
menu.addEventListener("click", () => show(!isOpen()))
document.addEventListener("click", ({ target }) => {
  if (isOpen() && !target.closest(".col-sidebar, #tsd-toolbar-menu-trigger")) show(false)
})
document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape" && isOpen()) show(false)
})
addEventListener("hashchange", () => root.classList.remove("has-menu"))
