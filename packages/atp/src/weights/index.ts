/** Numbers by name in safetensors files, and as trees. */
export { loadWeights as load, readWeights as read, saveWeights as save, UnreadableWeights } from "./file.ts"
export { type Floats, type HostTensor, MalformedWeights, type Weights } from "./safetensors.ts"
export { countOf, firstDifference, fromWeights, toWeights } from "./tree.ts"
