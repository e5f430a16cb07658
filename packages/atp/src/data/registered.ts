/** Tasks by name: what of a config a task has, and what a run on it takes where nothing else is said. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { GeneratedTask } from "./generated.ts"

/** A generated task under a name, with the field of a config that holds its options. */
export interface Registered<Name extends string, S extends Schema.Top & Schema.ConstraintDecoder<unknown>> {
  readonly name: Name
  readonly field: Schema.withDecodingDefault<S>
  readonly of: (config: { readonly [K in Name]: S["Type"] }) => GeneratedTask
  /** The task with options of one's own over the defaults. */
  readonly with: (options?: Partial<S["Encoded"]>) => GeneratedTask
  /** Options of a run that are other than those of runs in general. */
  readonly run: Readonly<Record<string, unknown>>
}

/**
 * A task by name. Its options are decoded by a schema, and have defaults; `with` throws where they are not sound.
 *
 *     export const walkTask = registered("walk", WalkOptions, { nodes: 6, ... }, walk)
 *
 * @example
 * Task.tasks.cups.with({ cups: 3 }).name // => "3 cups"
 * const options = Schema.Struct({ cups: Schema.Int })
 * const few = Task.registered("few", options, { cups: 3 }, ({ cups }) => Task.cups({ cups, steps: 2 }))
 * few.with().name // => "3 cups"
 */
export const registered = <Name extends string, S extends Schema.Top & Schema.ConstraintDecoder<unknown>>(
  name: Name,
  options: S,
  defaults: S["Encoded"],
  task: (options: S["Type"]) => GeneratedTask,
  run: Readonly<Record<string, unknown>> = {}
): Registered<Name, S> => ({
  name,
  field: options.pipe(Schema.withDecodingDefault(Effect.succeed(defaults))),
  of: (config) => ({ ...task(config[name]), run }),
  with: (own = {}) => ({ ...task(Schema.decodeUnknownSync(options)({ ...(defaults as object), ...own })), run }),
  run
})

type Named = Readonly<Record<string, { readonly name: string; readonly field?: Schema.Top }>>

/** The fields of a config that hold the options of tasks. */
export type FieldsOf<T extends Named> = {
  readonly [K in keyof T as T[K] extends { readonly field: Schema.Top } ? K : never]: T[K] extends {
    readonly field: infer F
  }
    ? F
    : never
}

/** The fields of a config that hold the options of tasks; a task without options has none. */
export const fieldsOf = <const T extends Named>(tasks: T): FieldsOf<T> =>
  Object.fromEntries(
    Object.entries(tasks).flatMap(([name, { field }]) => (field === undefined ? [] : [[name, field]]))
  ) as FieldsOf<T>
