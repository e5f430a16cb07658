/** Panels side by side where there is room, and one at a time under tabs where there is not. */
import { signal } from "@preact/signals"
import type { ComponentChildren, FunctionComponent, TargetedKeyboardEvent } from "preact"
import { panel } from "../state.ts"

const room = matchMedia("(max-width: 899px)")
const narrow = signal(room.matches)
room.addEventListener("change", () => (narrow.value = room.matches))

/** A panel: what it is called, and what is in it. */
export interface Tab {
  readonly id: string
  readonly title: string
  /** What its tab says where that is too long. */
  readonly short?: string
  readonly Body: FunctionComponent
  /** Where it stands if there is room. */
  readonly at: "above" | "left" | "right" | "below"
}

const turn = (tabs: ReadonlyArray<Tab>, at: number) => (event: TargetedKeyboardEvent<HTMLElement>) => {
  const last = tabs.length - 1
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last }[event.key]
  if (to === undefined) return
  event.preventDefault()
  const next = tabs[Math.max(0, Math.min(last, to))]!
  panel.value = next.id
  document.getElementById(`${next.id}-tab`)?.focus()
}

const Section = ({
  children,
  id,
  title
}: {
  readonly children: ComponentChildren
  readonly id: string
  readonly title: string
}) => (
  <section class="panel" id={id} aria-labelledby={`${id}-title`}>
    <h2 id={`${id}-title`}>{title}</h2>
    {children}
  </section>
)

/** Brings the tab that is open into its strip, which may be wider than the page; without moving the page. */
const bring = (tab: HTMLElement | null) => {
  const strip = tab?.parentElement
  if (tab === null || strip === null || strip === undefined) return
  const [left, right] = [tab.offsetLeft - strip.offsetLeft, tab.offsetLeft - strip.offsetLeft + tab.offsetWidth]
  if (left < strip.scrollLeft) strip.scrollLeft = left
  else if (right > strip.scrollLeft + strip.clientWidth) strip.scrollLeft = right - strip.clientWidth
}

/** The panels. */
export const Tabs = ({ tabs }: { readonly tabs: ReadonlyArray<Tab> }) => {
  const sections = (where: Tab["at"]) =>
    tabs
      .filter(({ at }) => at === where)
      .map(({ Body, id, title }) => (
        <Section key={id} id={id} title={title}>
          <Body />
        </Section>
      ))
  if (!narrow.value)
    return (
      <>
        <div class="whole">{sections("above")}</div>
        <div>{sections("left")}</div>
        <div>{sections("right")}</div>
        <div class="whole">{sections("below")}</div>
      </>
    )
  const open = Math.max(
    0,
    tabs.findIndex(({ id }) => id === panel.value)
  )
  const { Body, id, title } = tabs[open]!
  return (
    <div class="whole">
      <div class="tabs" role="tablist" aria-label="what to look at">
        {tabs.map((tab, at) => (
          <button
            type="button"
            role="tab"
            key={tab.id}
            id={`${tab.id}-tab`}
            {...(at === open ? { ref: bring } : {})}
            aria-selected={at === open}
            aria-controls={at === open ? tab.id : undefined}
            tabIndex={at === open ? 0 : -1}
            onClick={() => (panel.value = tab.id)}
            onKeyDown={turn(tabs, at)}
          >
            {tab.short ?? tab.title}
          </button>
        ))}
      </div>
      <div role="tabpanel" aria-labelledby={`${id}-tab`}>
        <Section id={id} title={title}>
          <Body />
        </Section>
      </div>
    </div>
  )
}
