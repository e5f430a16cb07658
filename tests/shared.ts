/** Set up before every file that shares a process with others: it has to leave what they all see as it found it. */
import { afterAll, expect } from "vitest"

const signals = ["SIGINT", "SIGTERM", "uncaughtException", "unhandledRejection"]

const seen = () => ({
  folder: process.cwd(),
  environment: { ...process.env },
  status: process.exitCode,
  listeners: signals.map((name) => process.listenerCount(name)),
  functions: [
    Math.random,
    Date.now,
    performance.now,
    process.stdout.write,
    process.stderr.write,
    console.log,
    console.error
  ]
})

const before = seen()
const globals = Object.getOwnPropertyNames(globalThis).map((name) => [name, Reflect.get(globalThis, name)] as const)

// Of the hooks that run after a file the last, since it is the first that is registered. Packages may add globals of theirs.
afterAll(() => {
  expect(seen()).toEqual(before)
  const replaced = globals.filter(([name, value]) => !Object.is(Reflect.get(globalThis, name), value))
  expect(replaced.map(([name]) => name)).toEqual([])
})
