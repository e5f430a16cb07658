/** The same contest from bundled scripts lying side by side, for a machine with a card and nothing installed. */
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { machine } from "../harness/machine.ts"
import { startProcess } from "../harness/process.ts"
import { table } from "../harness/table.ts"
import { contest, type Start } from "./contest.ts"

const beside = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url))

/** torch is that of the machine's Python, if there is one. */
const start: Start = (key, script, args, env) =>
  script === "torch"
    ? startProcess({
        name: key,
        command: process.env["BENCH_PYTHON"] ?? "python3",
        args: [beside("torch_peer.py")],
        env
      })
    : startProcess({ name: key, command: process.execPath, args: [beside(`${script}.mjs`), ...args], env })

const facts = await machine()
const { notes, rows } = await contest(start, { quick: process.argv.includes("--quick"), repeat: 20, browser: false })
console.log(table(rows))
for (const note of notes) console.log(`\n${note}`)
const command = "bench/gpu/hardware.sh, then run.sh on the machine with the card"
const file = process.argv[2] ?? "gpu-card.json"
writeFileSync(file, `${JSON.stringify({ name: "gpu-card", command, machine: facts, rows, notes }, null, 2)}\n`)
process.exit(0)
