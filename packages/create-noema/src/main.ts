#!/usr/bin/env node
/** `npm create noema FOLDER`: writes a project into a folder that is new or empty, and says how to go on. */
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { filesOf, packageName, type Template, templates } from "./project.ts"

const usage = `npm create noema FOLDER [-- --template ${templates.join("|")}]`

/** What cannot be done, in a sentence. */
class Refused extends Error {}

interface Asked {
  readonly folder: string
  readonly template: Template
}

const isTemplate = (word: string): word is Template => templates.some((template) => template === word)

const asked = (words: ReadonlyArray<string>): Asked => {
  let folder: string | null = null
  let template: Template = "plain"
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    const [flag, inline] = word.split("=", 2) as [string, string?]
    if (flag === "--template") {
      const value = inline ?? words[++at] ?? "nothing"
      if (!isTemplate(value)) throw new Refused(`expected a template of ${templates.join(", ")}, found ${value}`)
      template = value
    } else if (word.startsWith("-")) throw new Refused(`there is no option ${word}; ${usage}`)
    else if (folder === null) folder = word
    else throw new Refused(`expected one folder, found ${folder} and ${word}; ${usage}`)
  }
  if (folder === null) throw new Refused(`expected the folder of the project; ${usage}`)
  return { folder, template }
}

/** Only what does not exist is made; nothing that is there is written over. */
const checked = (folder: string): void => {
  if (!existsSync(folder)) return
  if (!statSync(folder).isDirectory()) throw new Refused(`expected a folder, found the file ${folder}`)
  const found = readdirSync(folder).filter((name) => name !== ".git")
  if (found.length > 0)
    throw new Refused(`${folder} is not empty: it holds ${found.slice(0, 3).join(", ")}; choose another`)
}

const create = ({ folder, template }: Asked): string => {
  checked(folder)
  const from = fileURLToPath(new URL("../templates", import.meta.url))
  const files = filesOf(template, packageName(basename(resolve(folder))), { from })
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text, { flag: "wx" })
  }
  return [
    `${folder} has a method, a reward, a pipeline and their tests.`,
    "",
    `  cd ${folder}`,
    "  npm install",
    "  npm test          the laws of the reward",
    "  npm start         trains the pipeline and writes runs/first/report.html",
    ...(template === "vite" ? ["  npm run dev       the same in a page"] : [])
  ].join("\n")
}

const words = process.argv.slice(2)
try {
  console.log(words.includes("--help") || words.includes("-h") ? usage : create(asked(words)))
} catch (error) {
  const isKnown = error instanceof Refused || (error instanceof Error && "code" in error)
  if (!isKnown) throw error
  console.error((error as Error).message)
  process.exitCode = 1
}
