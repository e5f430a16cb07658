#!/usr/bin/env node
/** Where the command begins: it says so at once, since loading what it does takes a second, and keeps what was compiled. */
import { enableCompileCache } from "node:module"

const words = process.argv.slice(2)
const [command = ""] = words
const isAsked = words.some((word) => word === "--help" || word === "-h")
if (["train", "rl", "demo"].includes(command) && !isAsked) process.stderr.write(`noema ${command} begins\n`)
// Half of what the next one takes to begin, where there is room for it; `NODE_DISABLE_COMPILE_CACHE=1` keeps nothing.
enableCompileCache()
await import("./main.ts")
