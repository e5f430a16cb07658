/** The head of the page: which model is asked, and how the engine is. */
import { type DeviceName, deviceNames, modelNames } from "../engine/protocol.ts"
import {
  device,
  deviceTrouble,
  first,
  hasWebGpu,
  model,
  paces,
  status,
  switchTo,
  took,
  trouble,
  tryAgain
} from "../state.ts"

const titles = { grounded: "grounded", released: "as released" } as const

/** Which model thinks, and how well it does. */
export const Models = () => {
  const { accuracy, method, problems, verdict } = first.facts[model.value]
  return (
    <div class="models">
      <fieldset>
        <legend>Model</legend>
        {modelNames.map((name) => (
          <label key={name}>
            <input type="radio" name="model" checked={model.value === name} onChange={() => (model.value = name)} />
            <span>{titles[name]}</span>
          </label>
        ))}
      </fieldset>
      <div>
        <p class="soft">
          {method}: {(100 * accuracy).toFixed(1)} % of {problems} held-out questions right, a guess 14.3.
        </p>
        <details>
          <summary>Does its answer listen to its latents?</summary>
          <p class="soft">Measured on the same questions: {verdict}.</p>
        </details>
      </div>
    </div>
  )
}

const deviceTitles: Readonly<Record<DeviceName, string>> = { wasm: "WebAssembly", webgpu: "WebGPU" }

/** What is known of both devices, in a sentence. */
export const devicesInWords = (): string => {
  if (!hasWebGpu) return "This browser has no WebGPU; the models run on WebAssembly."
  const measured = deviceNames.flatMap((name) => {
    const pace = paces.value[name]
    return pace === undefined ? [] : [`${deviceTitles[name]} ${pace < 10 ? pace.toFixed(1) : pace.toFixed(0)}`]
  })
  const said =
    measured.length === 0
      ? "Switch, and both are measured."
      : `Answers a second, one at a time: ${measured.join(", ")}.`
  return deviceTrouble.value === null ? said : `${deviceTrouble.value} ${measured.length === 0 ? "" : said}`.trim()
}

/** What programs run on. */
export const Devices = () => (
  <div class="models">
    <fieldset disabled={status.value.kind === "loading"}>
      <legend>Device</legend>
      {deviceNames.map((name) => (
        <label key={name}>
          <input
            type="radio"
            name="device"
            checked={device.value === name}
            disabled={name === "webgpu" && !hasWebGpu}
            onChange={() => void switchTo(name)}
          />
          <span>{deviceTitles[name]}</span>
        </label>
      ))}
    </fieldset>
    <div>
      <p class={deviceTrouble.value === null ? "soft" : "bad"} id="devices">
        {devicesInWords()}
      </p>
    </div>
  </div>
)

const sentence = (): string => {
  const now = status.value
  if (now.kind === "loading") return "Loading the engine and the model …"
  if (now.kind === "stopped") return now.reason
  const time =
    took.value === null
      ? ""
      : ` The last answer took ${took.value < 10 ? took.value.toFixed(1) : took.value.toFixed(0)} ms.`
  return now.threads
    ? `Ready: ${now.device.replace(/,? fma.*| \(.*/, "")}.${time}`
    : `Ready, on one thread: this page is not isolated from other origins, so threads cannot share memory. Everything works.${time}`
}

/** How the engine is, and a way on where it is not well. */
export const Status = () => (
  <div class={`status ${status.value.kind}`}>
    <p>
      <span class="dot" aria-hidden="true" />
      {sentence()}
    </p>
    {status.value.kind === "stopped" ? (
      <button type="button" onClick={tryAgain}>
        Try again
      </button>
    ) : null}
    {trouble.value === null || status.value.kind === "stopped" ? null : <p class="bad">{trouble.value}</p>}
  </div>
)
