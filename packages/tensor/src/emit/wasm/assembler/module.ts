import { type Bytes, joined, text, unsigned, vector } from "./encoding.ts"
import { FunctionBuilder } from "./function.ts"
import type { Callable, LocalsOf, Types } from "./function.ts"
import { local, typeByte } from "./value.ts"
import type { Value, ValueType } from "./value.ts"

interface FunctionRecord {
  readonly name: string
  readonly exported: boolean
  readonly parameters: Types
  readonly result: ValueType | null
  body: Bytes
}

/** The largest memory there is: 65,536 pages of 64 KiB. */
const maximumPages = 65_536

const section = (id: number, content: Bytes): Bytes => joined([[id], unsigned(content.length), content])

/**
 * A WebAssembly module: functions over one memory imported as `env.memory`.
 *
 * @example
 * const module = new ModuleBuilder({ shared: false })
 * module.function("twice", ["i32"], (body, x) => body.store(x, f32.mul(f32.load(x), 2)))
 * const instance = new WebAssembly.Instance(new WebAssembly.Module(module.encode()), { env: { memory } })
 */
export class ModuleBuilder {
  /** Whether the imported memory is a shared one. */
  readonly shared: boolean
  private readonly functions: Array<FunctionRecord> = []
  private readonly helpers = new Map<string, Callable>()

  constructor(options: { readonly shared: boolean }) {
    this.shared = options.shared
  }

  /** Adds an exported function that gives nothing. `build` receives its body and its parameters. */
  function<const P extends Types>(
    name: string,
    parameters: P,
    build: (body: FunctionBuilder, ...parameters: LocalsOf<P>) => void
  ): Callable<P, null> {
    return this.add(name, true, parameters, null, (body, ...locals: LocalsOf<P>) => {
      build(body, ...locals)
      return null
    })
  }

  /**
   * The function of this name for the others of this module, made when it is first asked for; `build` returns the value it
   * gives, or null.
   */
  helper<const P extends Types, R extends ValueType | null>(
    name: string,
    parameters: P,
    result: R,
    build: (body: FunctionBuilder, ...parameters: LocalsOf<P>) => R extends ValueType ? Value<R> : null
  ): Callable<P, R> {
    const known = this.helpers.get(name)
    if (known !== undefined) return known as Callable<P, R>
    const made = this.add(name, false, parameters, result, build)
    this.helpers.set(name, made)
    return made
  }

  /** The module's bytes, for `new WebAssembly.Module`. */
  encode(): Uint8Array<ArrayBuffer> {
    const types = this.functions.map(({ parameters, result }) =>
      joined([
        [0x60],
        vector(parameters.map((type) => [typeByte[type]])),
        vector(result === null ? [] : [[typeByte[result]]])
      ])
    )
    const limits = this.shared ? [0x03, 0, ...unsigned(maximumPages)] : [0x00, 0]
    const exports = this.functions.flatMap(({ name, exported }, index) =>
      exported ? [[...text(name), 0x00, ...unsigned(index)]] : []
    )
    const parts = [
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, vector(types)),
      section(2, vector([[...text("env"), ...text("memory"), 0x02, ...limits]])),
      section(3, vector(this.functions.map((_, index) => unsigned(index)))),
      section(7, vector(exports)),
      section(
        10,
        joined([
          unsigned(this.functions.length),
          ...this.functions.flatMap(({ body }) => [unsigned(body.length), body])
        ])
      )
    ]
    return joined(parts)
  }

  private add<P extends Types, R extends ValueType | null>(
    name: string,
    exported: boolean,
    parameters: P,
    result: R,
    build: (body: FunctionBuilder, ...parameters: LocalsOf<P>) => Value | null
  ): Callable<P, R> {
    const record: FunctionRecord = { name, exported, parameters, result, body: [] }
    const index = this.functions.push(record) - 1
    const body = new FunctionBuilder(parameters, this)
    const locals = parameters.map((type, position) => local(type, position)) as unknown as LocalsOf<P>
    record.body = body.encode(build(body, ...locals))
    return { index, parameters, result }
  }
}
