import * as Data from "effect/Data"
import * as Effect from "effect/Effect"

/**
 * A program was given something else than its specification says; `path` is the place in the arguments, such as
 * `params.layers.0.q`.
 *
 * @example
 * const twice = yield* Program.make(({ w }) => Tensor.mul(w, 2), { w: Program.spec([2]) })
 * yield* twice({ w: Float32Array.of(1, 2, 3) }) // fails arguments.0.w: expected [2], found 3 values
 */
export class ArgumentError extends Data.TaggedError("ArgumentError")<{
  readonly path: string
  readonly expected: string
  readonly found: string
}> {
  override get message(): string {
    return `${this.path === "" ? "" : `${this.path}: `}expected ${this.expected}, found ${this.found}`
  }
}

/** Throws an `ArgumentError`, for the code between the boundary and the leaves; `attempt` makes it a failure. */
export const mismatch = (path: string, expected: string, found: string): never => {
  throw new ArgumentError({ path, expected, found })
}

/** What `make` gives; an `ArgumentError` it throws is a failure, anything else a defect. */
export const attempt = <A>(make: () => A): Effect.Effect<A, ArgumentError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(make())
    } catch (error) {
      return error instanceof ArgumentError ? Effect.fail(error) : Effect.die(error)
    }
  })
