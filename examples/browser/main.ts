/** The page: trains, shows how it goes, and takes questions. `?updates=20` trains for less long. */
import { Device, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { trained } from "./train.ts"

const element = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E
const progress = element<HTMLProgressElement>("progress")
const status = element("status")
const form = element<HTMLFormElement>("form")
const question = element<HTMLInputElement>("question")
const answer = element("answer")

const updates = Number(new URL(location.href).searchParams.get("updates") ?? 300)
const runtime = ManagedRuntime.make(Wasm.layer({ workerUrl: new URL("worker.js", import.meta.url) }))

try {
  const { description } = await runtime.runPromise(Effect.map(Device.Device, (device) => device))
  const begun = performance.now()
  const model = await runtime.runPromise(
    trained(updates, (share, phase, loss) => {
      progress.value = share
      status.textContent = `${phase}, loss ${loss.toFixed(2)} (${description})`
    })
  )
  const seconds = ((performance.now() - begun) / 1000).toFixed(0)
  status.textContent = `${(100 * model.accuracy).toFixed(0)} % of held-out questions right after ${seconds} s (${description})`
  const show = async () => {
    try {
      answer.textContent = await runtime.runPromise(model.ask(question.value))
    } catch (error) {
      answer.textContent = error instanceof Error ? error.message : String(error)
    }
  }
  question.value = model.example
  form.hidden = false
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    void show()
  })
  await show()
  document.body.dataset["state"] = "done"
} catch (error) {
  status.textContent = error instanceof Error ? error.message : String(error)
  document.body.dataset["state"] = "failed"
}
