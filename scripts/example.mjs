// `npm run example -- NAME` runs examples/NAME.ts, or trains the pipeline it exports; without a name it lists them.
import { spawnSync } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"
import { relative } from "node:path"
import { fileURLToPath } from "node:url"

const folder = new URL("../examples/", import.meta.url)
const name = process.argv[2]
const file = new URL(`${name}.ts`, folder)
if (name === undefined || !existsSync(file)) {
  const names = readdirSync(folder).flatMap((entry) => (entry.endsWith(".ts") ? [entry.slice(0, -3)] : []))
  console.error(`usage: npm run example -- NAME\nexamples: ${names.join(", ")}`)
  process.exit(1)
}
const { default: pipeline } = await import(file)
if (pipeline !== undefined) {
  const main = fileURLToPath(new URL("../packages/atp/src/cli/start.ts", import.meta.url))
  const args = [
    "--conditions=@noema/source",
    main,
    "train",
    relative(process.cwd(), fileURLToPath(file)),
    "--out",
    `runs/${name}`
  ]
  const { status } = spawnSync(process.execPath, [...args, ...process.argv.slice(3)], { stdio: "inherit" })
  process.exit(status ?? 1)
}
