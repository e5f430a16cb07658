/** The page. */
import { render } from "preact"
import { Against, againstInWords, followAgainst } from "./panel/against.tsx"
import { Ask, verdictOf } from "./panel/ask.tsx"
import { Devices, Models, Status } from "./panel/head.tsx"
import { Look } from "./panel/look.tsx"
import { followMove, Move } from "./panel/move.tsx"
import { followTraining, Nothing, trainingInWords } from "./panel/nothing.tsx"
import { followPractice, Practice, practiceInWords } from "./panel/practice.tsx"
import { ringInWords, RingWalk } from "./panel/ring.tsx"
import { Stop, stopsInWords } from "./panel/stop.tsx"
import { Story } from "./panel/story.tsx"
import { exchangeInWords, followSwap, Swap } from "./panel/swap.tsx"
import { Walk } from "./panel/walk.tsx"
import { isRefused } from "./question.ts"
import { begin, parsed, status, walk } from "./state.ts"
import { Live, tell } from "./view/live.tsx"
import { type Tab, Tabs } from "./view/tabs.tsx"

const tabs: ReadonlyArray<Tab> = [
  { id: "walk", title: "Walk", Body: Walk, at: "above" },
  { id: "swap", title: "Swap", Body: Swap, at: "left" },
  { id: "stop", title: "Stop", Body: Stop, at: "right" },
  { id: "look", title: "Attention", Body: Look, at: "left" },
  { id: "move", title: "Move", Body: Move, at: "right" },
  { id: "practice", title: "Practise", Body: Practice, at: "below" },
  { id: "against", title: "Supervised against reinforcement", short: "Against", Body: Against, at: "below" },
  { id: "ring", title: "Walk on a graph", short: "Graph", Body: RingWalk, at: "below" },
  { id: "nothing", title: "Train from nothing", short: "Train", Body: Nothing, at: "below" }
]

const App = () => (
  <>
    <header>
      <h1>A model that thinks in latents</h1>
      <p class="lead">
        It answers small sums without writing a step. Ask it, look at what stands in its place, put other latents there,
        and see what the answer owes to them. Everything runs in this page.
      </p>
      <Models />
      <Devices />
      <Status />
      <Story />
    </header>
    <main>
      <Ask />
      <Tabs tabs={tabs} />
    </main>
    <Live />
  </>
)

tell(() => {
  const question = parsed.value
  if (isRefused(question)) return question.refused
  if (status.value.kind === "stopped") return status.value.reason
  const shown = walk.value
  if (shown === null || shown.question !== question.text) return ""
  return `${shown.question.replaceAll("-", "minus")}: answers ${shown.answer ?? "nothing"}, expected ${shown.expected}. ${verdictOf(shown).text}`
})
tell(exchangeInWords)
tell(stopsInWords)
tell(practiceInWords)
tell(againstInWords)
tell(ringInWords)
tell(trainingInWords)
render(<App />, document.getElementById("app")!)
// The first picture is painted before anything is loaded.
requestAnimationFrame(() =>
  setTimeout(() => {
    begin()
    followSwap()
    followMove()
    followPractice()
    followAgainst()
    followTraining()
  })
)
