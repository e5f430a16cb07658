/** Moving: one latent, from what it stands for towards what stands for other results, while the answer looks on. */
import { computed, effect, signal } from "@preact/signals"
import type { TargetedInputEvent, TargetedKeyboardEvent, TargetedPointerEvent } from "preact"
import type { Moved } from "../link.ts"
import { values } from "../question.ts"
import { centresOf, changed, changes, model, nearest, own, status } from "../state.ts"
import { Answers } from "../view/answers.tsx"

const results = Array.from({ length: values }, (_, result) => result)
/** The latent that is moved; the last one unless somebody says another. */
const chosen = signal<number | null>(null)
const at = computed(() => {
  const last = Math.max(0, (own.value?.steps.length ?? 1) - 1)
  return Math.min(chosen.value ?? last, last)
})
const towards = signal<readonly [number, number] | null>(null)
const centres = signal<{ readonly of: string; readonly found: ReadonlyArray<Float32Array> } | null>(null)
const trouble = signal<string | null>(null)
const isWanted = signal(false)
/** Whether somebody has just asked for the plane by a button that is gone then, and with it the focus. */
let isAsked = false
const ask = () => {
  isAsked = true
  isWanted.value = true
}

/** Follows the state; begun once. */
export const followMove = () => {
  // A link may show a latent that is moved.
  effect(() => {
    const moved = changes.value.findIndex((each) => each?.kind === "moved")
    if (moved < 0) return
    isWanted.value = true
    if (changes.value[at.peek()]?.kind !== "moved") chosen.value = moved
  })
  effect(() => {
    const [name, place] = [model.value, at.value]
    if (!isWanted.value || status.value.kind !== "ready") return
    centresOf(name, place).then(
      ({ centres: found }) => {
        if (model.peek() === name && at.peek() === place) centres.value = { of: `${name} ${place}`, found }
        trouble.value = null
      },
      (error: unknown) => (trouble.value = error instanceof Error ? error.message : String(error))
    )
  })
}

const still: Moved["by"] = [0, 0]
const here = computed(() => {
  const change = changes.value[at.value]
  return change?.kind === "moved" ? change : null
})
/** What the latent stands for by itself. */
const standsFor = computed(() => {
  const step = own.value?.steps[at.value]
  const found = centres.value
  return step === undefined || step.values.length === 0 || found === null || found.of !== `${model.value} ${at.value}`
    ? null
    : nearest(step.values, found.found)
})
const goals = computed((): readonly [number, number] => {
  const moved = here.value
  if (moved !== null) return moved.towards
  if (towards.value !== null) return towards.value
  const from = standsFor.value ?? 0
  return [(from + 1) % values, (from + 3) % values]
})

const [least, most] = [-0.5, 1.5]
const held = (x: number) => Math.round(100 * Math.max(least, Math.min(most, x))) / 100
const move = (by: Moved["by"], to = goals.peek()) => {
  const next: Moved = { kind: "moved", towards: to, by: [held(by[0]), held(by[1])] }
  const isStill = next.by.every((x) => x === 0)
  towards.value = to
  changes.value = changes.value.map((each, place) => (place === at.value ? (isStill ? null : next) : each))
}

const size = 260
const x = (by: number) => ((by - least) / (most - least)) * size
const y = (by: number) => size - x(by)

const keys = (event: TargetedKeyboardEvent<SVGElement>) => {
  const step = event.shiftKey ? 0.5 : 0.1
  const [right, up] = here.value?.by ?? still
  const to = {
    ArrowRight: [right + step, up],
    ArrowLeft: [right - step, up],
    ArrowUp: [right, up + step],
    ArrowDown: [right, up - step],
    Escape: still
  }[event.key] as Moved["by"] | undefined
  if (to === undefined) return
  event.preventDefault()
  move(to)
}

const drag = (event: TargetedPointerEvent<SVGSVGElement>) => {
  if (event.type === "pointerdown") event.currentTarget.setPointerCapture(event.pointerId)
  else if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
  const box = event.currentTarget.getBoundingClientRect()
  const share = (offset: number, whole: number) => least + (offset / whole) * (most - least)
  move([share(event.clientX - box.left, box.width), share(box.bottom - event.clientY, box.height)])
}

const Plane = ({ from }: { readonly from: number }) => {
  const [right, up] = here.value?.by ?? still
  const [one, other] = goals.value
  const spots = [
    [0, 0, from],
    [1, 0, one],
    [0, 1, other]
  ] as const
  return (
    <svg class="plane" viewBox={`0 0 ${size} ${size}`} onPointerDown={drag} onPointerMove={drag}>
      <path class="grid" d={[0, 0.5, 1].map((by) => `M${x(by)} 0V${size}M0 ${y(by)}H${size}`).join("")} />
      {spots.map(([a, b, result]) => (
        <g key={`${a}${b}`}>
          <path class="spot" d={`M${x(a)} ${y(b) - 6}l6 6l-6 6l-6-6z`} />
          <text x={x(a) + 9} y={y(b) - 7}>
            {result}
          </text>
        </g>
      ))}
      <g
        ref={(element) => {
          if (element === null || !isAsked) return
          isAsked = false
          queueMicrotask(() => element.focus())
        }}
        role="slider"
        tabindex={0}
        aria-label={`latent ${at.value + 1} in the plane`}
        aria-valuemin={least}
        aria-valuemax={most}
        aria-valuenow={right}
        aria-valuetext={`${right.toFixed(2)} towards ${one}, ${up.toFixed(2)} towards ${other}`}
        onKeyDown={keys}
      >
        <circle class="handle" cx={x(right)} cy={y(up)} r="9" />
      </g>
    </svg>
  )
}

const Towards = ({ axis }: { readonly axis: 0 | 1 }) => {
  const by = here.value?.by ?? still
  const goal = goals.value[axis]
  const set = (to: number) => move(axis === 0 ? [to, by[1]] : [by[0], to])
  return (
    <div class="towards">
      <label for={`goal-${axis}`}>{axis === 0 ? "→" : "↑"} towards</label>
      <select
        id={`goal-${axis}`}
        value={`${goal}`}
        onChange={(event) => {
          const to = Number(event.currentTarget.value)
          move(by, axis === 0 ? [to, goals.value[1]] : [goals.value[0], to])
        }}
      >
        {results.map((result) => (
          <option key={result} value={`${result}`}>
            {result}
          </option>
        ))}
      </select>
      <label for={`by-${axis}`}>by</label>
      <input
        id={`by-${axis}`}
        type="number"
        min={least}
        max={most}
        step="0.1"
        value={by[axis]}
        onInput={(event: TargetedInputEvent<HTMLInputElement>) => {
          const to = event.currentTarget.valueAsNumber
          if (Number.isFinite(to)) set(to)
        }}
      />
    </div>
  )
}

/** Where a latent is moved. */
export const Move = () => {
  const base = own.value
  if (!isWanted.value)
    return (
      <>
        <p>
          Take hold of one latent and move it from what it stands for towards what stands for another result. The answer
          follows while you drag, or does not.
        </p>
        <button type="button" onClick={ask} disabled={status.value.kind !== "ready"}>
          Find out what stands for which result
        </button>
      </>
    )
  const from = standsFor.value
  const after = changed.value
  return (
    <>
      <div class="segments" role="group" aria-label="which latent is moved">
        {(base?.steps ?? []).map((_, place) => (
          <button type="button" key={place} aria-pressed={at.value === place} onClick={() => (chosen.value = place)}>
            latent {place + 1}
          </button>
        ))}
      </div>
      {trouble.value === null ? null : <p class="bad">{trouble.value}</p>}
      {from === null || base === null ? (
        <p class="soft">Finding out what stands for which result …</p>
      ) : (
        <div class="pad">
          <div>
            <Plane from={from} />
            <Towards axis={0} />
            <Towards axis={1} />
            <button type="button" disabled={here.value === null} onClick={() => move(still)}>
              Put it back
            </button>
          </div>
          <div>
            <p>
              Latent {at.value + 1} lies nearest to those of a result of <strong>{from}</strong>.
            </p>
            <Answers
              answers={(here.value === null ? base : (after ?? base)).answers}
              before={here.value === null ? [] : base.answers}
              expected={base.expected}
            />
            <p class="soft">
              The diamonds are means of latents at this place, of questions that end there, by their result; the latent
              is moved by the difference of two means. Drag, or use arrow keys (with Shift in larger steps, Escape puts
              it back).
            </p>
          </div>
        </div>
      )}
    </>
  )
}
