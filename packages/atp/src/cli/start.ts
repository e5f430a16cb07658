#!/usr/bin/env node
/** Where the command begins: it says so at once, since loading what it does takes a second or more. */
const words = process.argv.slice(2)
const [command = ""] = words
const isAsked = words.some((word) => word === "--help" || word === "-h")
if (["train", "rl", "demo"].includes(command) && !isAsked) process.stderr.write(`noema ${command} begins\n`)
await import("./main.ts")
