/** One mode of gpu.js in a process of its own: `node tests/browser/node.ts webgpu`. Prints its outcome as JSON. */
import type { Mode } from "@noema/tensor/gpujs"
import { runSuite } from "./suite.ts"

console.log(`\n${JSON.stringify(await runSuite(process.argv[2] as Mode))}`)
