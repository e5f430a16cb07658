declare const open: unique symbol

/** A type that is left to fill; it stands for no size and no shape, so that the compiler marks where it is. */
export interface Hole {
  readonly [open]: "a hole"
}

/** A value that is left to fill: it fits nowhere. */
export const hole: unknown = Symbol("a hole")
