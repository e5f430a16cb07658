/** The page: shows how training goes, and takes questions. */
import type { Told } from "./worker.ts"

const element = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E
const progress = element<HTMLProgressElement>("progress")
const status = element("status")
const form = element<HTMLFormElement>("form")
const question = element<HTMLInputElement>("question")
const answer = element("answer")

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" })
worker.addEventListener("message", ({ data: told }: MessageEvent<Told>) => {
  switch (told.kind) {
    case "progress":
      progress.value = told.share
      status.textContent = told.said
      break
    case "trained":
      status.textContent = `${(100 * told.accuracy).toFixed(0)} % of held-out questions right (a guess: 20 %)`
      question.value = told.example
      form.hidden = false
      worker.postMessage(told.example)
      break
    case "answer":
      answer.textContent = [...told.steps.map((step, i) => `${i + 1}. ${step}`), `answer ${told.answer}`].join("\n")
      break
    case "failed":
      answer.textContent = told.reason
  }
})
worker.addEventListener("error", ({ message }) => (status.textContent = message))
form.addEventListener("submit", (event) => {
  event.preventDefault()
  worker.postMessage(question.value)
})
