/** Run as a process of its own by `./detect-apart.ts`. */
import { detectMode } from "./detect.ts"

process.stdout.write(JSON.stringify(await detectMode("webgpu")), () => process.exit(0))
