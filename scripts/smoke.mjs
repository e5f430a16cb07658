// Run by check-smoke.mjs inside a project that has only the packed packages.
import { input, scalar, topological, binary, broadcast } from "@noema/tensor/graph"
import "@noema/tensor"
import "@noema/autodiff"
import "@noema/atp"

const x = input("x", [3], "f32")
const doubled = binary("mul", x, broadcast(scalar(2, "f32"), [3], []))
if (topological([doubled]).length !== 4) throw new Error("the graph of 2 x has four nodes")
console.log(`Node ${process.version}: the packed packages load and run`)
