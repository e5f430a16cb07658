/** The `Device` service, and the layer that picks one. */
export * from "./device.ts"
export { layerAuto } from "./auto.ts"
