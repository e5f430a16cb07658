/** Layouts: what of a chain is thought and what is written. */
export * from "./layout.ts"
export * from "./masks.ts"
