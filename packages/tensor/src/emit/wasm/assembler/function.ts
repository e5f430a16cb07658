import { type Bytes, joined, unsigned, vector } from "./encoding.ts"
import { i32 } from "./instructions.ts"
import { i32Of, instruction, local, typeByte } from "./value.ts"
import type { F32, I32, I32Like, Local, V128, Value, ValueType } from "./value.ts"

/** A place to branch to: the end of a block, or the start of a loop. */
export interface Label {
  readonly depth: number
}

export type Types = ReadonlyArray<ValueType>
export type LocalsOf<P extends Types> = { readonly [K in keyof P]: Local<P[K]> }

/** What another function needs to know to call this one. */
export interface Callable<P extends Types = Types, R extends ValueType | null = ValueType | null> {
  readonly index: number
  readonly parameters: P
  readonly result: R
}

const empty = 0x40
const zero = instruction("v128", [0xfd, 0x0c, ...new Array<number>(16).fill(0)])

/** Where a body finds functions beside its own: a module. */
export interface Beside {
  readonly helper: <const P extends Types, R extends ValueType | null>(
    name: string,
    parameters: P,
    result: R,
    build: (body: FunctionBuilder, ...parameters: LocalsOf<P>) => R extends ValueType ? Value<R> : null
  ) => Callable<P, R>
}

/** Collects the statements of one function body. Made by `ModuleBuilder.function`. */
export class FunctionBuilder {
  readonly module: Beside
  private readonly code: Array<number> = []
  private readonly opening: Array<number> = []
  private readonly known = new Map<string, Local>()
  private readonly free: Record<ValueType, Array<Local>> = { i32: [], f32: [], v128: [] }
  private readonly locals: Array<ValueType> = []
  private readonly parameters: Types
  private depth = 0
  private inScope: Array<Local> | null = null

  constructor(parameters: Types, module: Beside) {
    this.parameters = parameters
    this.module = module
  }

  /** A local variable of its own until the innermost `scoped` body ends. Outside of any it is zero until set. */
  local<T extends ValueType>(type: T): Local<T> {
    const name = (this.inScope === null ? undefined : this.free[type].pop()) ?? this.fresh(type)
    this.inScope?.push(name)
    return name as Local<T>
  }

  /** A fresh local holding `value`: name what is used more than once. */
  let<T extends ValueType>(value: Value<T>): Local<T> {
    const name = this.local(value.type)
    this.set(name, value)
    return name
  }

  /**
   * A local set when the function is entered, the same one for the same value: for constants, and for what depends on
   * parameters alone.
   */
  once<T extends ValueType>(value: Value<T>): Local<T> {
    const key = value.bytes.join()
    const known = this.known.get(key)
    if (known !== undefined) return known as Local<T>
    const name = this.fresh(value.type)
    for (const byte of [...value.bytes, 0x21, ...unsigned(name.index)]) this.opening.push(byte)
    this.known.set(key, name)
    return name
  }

  /**
   * Locals made in the body are used again for others after it: engines bound their number. With `forget`, vectors among
   * them are zero again after the body. An engine that joins vectors counts a local that merely lives on, for instance
   * around a loop, as a use of its value by itself.
   */
  scoped(body: () => void, { forget }: { readonly forget: boolean }): void {
    const outside = this.inScope
    const made: Array<Local> = []
    this.inScope = made
    body()
    for (const name of made) {
      this.free[name.type].push(name)
      if (forget && name.type === "v128") this.set(name, this.once(zero))
    }
    this.inScope = outside
  }

  set<T extends ValueType>(name: Local<T>, value: Value<T>): void {
    this.write(value.bytes, [0x21, ...unsigned(name.index)])
  }

  /** `name += by` */
  increase(name: Local<"i32">, by: I32Like): void {
    this.set(name, i32.add(name, by))
  }

  /** Stores a 4-byte scalar or a 16-byte vector at `address + offset`. */
  store(address: I32Like, value: I32 | F32 | V128, offset = 0): void {
    const opcode = { i32: [0x36, 2], f32: [0x38, 2], v128: [0xfd, 0x0b, 0] }[value.type]
    this.write(i32Of(address).bytes, value.bytes, opcode, unsigned(offset))
  }

  /** Stores one 32-bit lane of a vector. */
  storeLane(address: I32Like, value: V128, lane: 0 | 1 | 2 | 3, offset = 0): void {
    this.write(i32Of(address).bytes, value.bytes, [0xfd, 0x5a, 0], unsigned(offset), [lane])
  }

  /** Copies bytes from one place to another; the two may overlap. */
  copy(to: I32Like, from: I32Like, bytes: I32Like): void {
    this.write(i32Of(to).bytes, i32Of(from).bytes, i32Of(bytes).bytes, [0xfc, 0x0a, 0, 0])
  }

  atomicStore(address: I32Like, value: I32Like, offset = 0): void {
    this.write(i32Of(address).bytes, i32Of(value).bytes, [0xfe, 0x17, 2], unsigned(offset))
  }

  /** Evaluates for the effect. */
  drop(value: Value): void {
    this.write(value.bytes, [0x1a])
  }

  call(callee: Callable<Types, null>, ...values: ReadonlyArray<Value>): void {
    this.write(...values.map((value) => value.bytes), [0x10, ...unsigned(callee.index)])
  }

  /** Statements that `break(label)` leaves. */
  block(body: (end: Label) => void): void {
    this.nested([0x02, empty], body)
  }

  /** Statements that `break(label)` starts again; falling off the end leaves the loop. */
  loop(body: (start: Label) => void): void {
    this.nested([0x03, empty], body)
  }

  if(condition: I32Like, then: () => void, otherwise?: () => void): void {
    this.write(i32Of(condition).bytes)
    this.nested([0x04, empty], () => {
      then()
      if (otherwise !== undefined) {
        this.write([0x05])
        otherwise()
      }
    })
  }

  break(label: Label, condition?: I32): void {
    const distance = unsigned(this.depth - label.depth)
    if (condition === undefined) this.write([0x0c], distance)
    else this.write(condition.bytes, [0x0d], distance)
  }

  return(): void {
    this.write([0x0f])
  }

  /** `for (name = from; name < to; name += step)`, signed; the body may be empty of iterations. */
  for(name: Local<"i32">, from: I32Like, to: I32Like, step: number, body: () => void): void {
    this.set(name, i32Of(from))
    this.if(i32.ltS(name, to), () => this.doWhileLess(name, to, step, body))
  }

  /** Runs the body, then again while `(name += step) < to`. The tightest loop: one compare and branch per pass. */
  doWhileLess(name: Local<"i32">, to: I32Like, step: number, body: () => void): void {
    this.loop((start) => {
      body()
      this.increase(name, step)
      this.break(start, i32.ltS(name, to))
    })
  }

  /** The encoded body: declarations of locals in runs of one type, then the code. */
  encode(result: Value | null): Bytes {
    const runs: Array<{ count: number; readonly type: ValueType }> = []
    for (const type of this.locals) {
      const last = runs.at(-1)
      if (last?.type === type) last.count++
      else runs.push({ count: 1, type })
    }
    const declarations = vector(runs.map(({ count, type }) => [...unsigned(count), typeByte[type]]))
    return joined([declarations, this.opening, this.code, result?.bytes ?? [], [0x0b]])
  }

  private fresh<T extends ValueType>(type: T): Local<T> {
    this.locals.push(type)
    return local(type, this.parameters.length + this.locals.length - 1)
  }

  private nested(opening: ReadonlyArray<number>, body: (label: Label) => void): void {
    this.write(opening)
    this.depth++
    body({ depth: this.depth })
    this.depth--
    this.write([0x0b])
  }

  private write(...parts: ReadonlyArray<ReadonlyArray<number>>): void {
    for (const part of parts) for (let i = 0; i < part.length; i++) this.code.push(part[i]!)
  }
}

/** The value a function gives when called. */
export const call = <R extends ValueType>(callee: Callable<Types, R>, ...values: ReadonlyArray<Value>): Value<R> =>
  instruction(callee.result, [0x10, ...unsigned(callee.index)], ...values)
