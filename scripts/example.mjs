// `npm run example -- NAME` runs examples/NAME.ts; without a name it lists them.
import { existsSync, readdirSync } from "node:fs"

const folder = new URL("../examples/", import.meta.url)
const name = process.argv[2]
const file = new URL(`${name}.ts`, folder)
if (name === undefined || !existsSync(file)) {
  const names = readdirSync(folder).flatMap((entry) => (entry.endsWith(".ts") ? [entry.slice(0, -3)] : []))
  console.error(`usage: npm run example -- NAME\nexamples: ${names.join(", ")}`)
  process.exit(1)
}
await import(file)
