import { call, f32x4, i32x4, v128 } from "./assembler.ts"
import type { FunctionBuilder, Local, V128 } from "./assembler.ts"

/**
 * A value at several neighbouring points of a loop: four points per vector. One vector alone stands for a value that is
 * the same in all of them (all its lanes are equal).
 */
export type Lanes = ReadonlyArray<Local<"v128">>

/** What the engine gives: whether `a * b + c` may be one instruction, rounded once. */
export interface Arithmetic {
  readonly relaxed: boolean
}

const word = new DataView(new ArrayBuffer(4))

/** The bits of a float32. */
const bitsOf = (value: number): number => {
  word.setFloat32(0, value)
  return word.getInt32(0)
}

/**
 * Emits vector instructions into a function body, on several vectors at a time: the instructions of neighbouring vectors
 * lie side by side, where the processor overlaps them and the engine can join pairs into wider ones.
 */
export class Vectors {
  readonly body: FunctionBuilder
  private readonly relaxed: boolean
  private readonly constants = new Map<number, Lanes>()

  constructor(body: FunctionBuilder, { relaxed }: Arithmetic) {
    this.body = body
    this.relaxed = relaxed
  }

  /** One instruction on each vector of its operands. */
  apply(operation: (...operands: ReadonlyArray<V128>) => V128, ...operands: ReadonlyArray<Lanes>): Lanes {
    const width = Math.max(...operands.map((operand) => operand.length))
    return Array.from({ length: width }, (_, u) =>
      this.body.let(operation(...operands.map((operand) => operand[operand.length === 1 ? 0 : u]!)))
    )
  }

  /**
   * A function of vectors that the module has once, for what is rare and long: written out wherever it might be needed it
   * would be most of the module.
   */
  apart(name: string, operation: (v: Vectors, x: Lanes) => Lanes): (x: V128) => V128 {
    const { relaxed } = this
    const callee = this.body.module.helper(
      name,
      ["v128"],
      "v128",
      (body, x) => operation(new Vectors(body, { relaxed }), [x])[0]!
    )
    return (x) => call(callee, x)
  }

  /** A float32 constant, kept in a local for the whole function. */
  f32(value: number): Lanes {
    return this.i32(bitsOf(value))
  }

  /** An i32 constant or bit pattern. */
  i32(value: number): Lanes {
    const known = this.constants.get(value)
    if (known !== undefined) return known
    const made = [this.body.once(i32x4.const(value))]
    this.constants.set(value, made)
    return made
  }

  add(a: Lanes, b: Lanes): Lanes {
    return this.apply(f32x4.add, a, b)
  }

  sub(a: Lanes, b: Lanes): Lanes {
    return this.apply(f32x4.sub, a, b)
  }

  mul(a: Lanes, b: Lanes): Lanes {
    return this.apply(f32x4.mul, a, b)
  }

  div(a: Lanes, b: Lanes): Lanes {
    return this.apply(f32x4.div, a, b)
  }

  /** `a * b + c` */
  madd(a: Lanes, b: Lanes, c: Lanes): Lanes {
    return this.apply(this.relaxed ? f32x4.relaxedMadd : (x, y, z) => f32x4.add(f32x4.mul(x, y), z), a, b, c)
  }

  /** `c - a * b` */
  nmadd(a: Lanes, b: Lanes, c: Lanes): Lanes {
    return this.apply(this.relaxed ? f32x4.relaxedNmadd : (x, y, z) => f32x4.sub(z, f32x4.mul(x, y)), a, b, c)
  }

  /** `((c[0] * x + c[1]) * x + c[2]) ...` */
  polynomial(x: Lanes, coefficients: ReadonlyArray<number>): Lanes {
    const [first, ...rest] = coefficients
    return rest.reduce<Lanes>((sum, coefficient) => this.madd(sum, x, this.f32(coefficient)), this.f32(first!))
  }

  /** `yes` where the mask is set, else `no`. */
  select(mask: Lanes, yes: Lanes, no: Lanes): Lanes {
    return this.apply((m, a, b) => v128.bitselect(a, b, m), mask, yes, no)
  }

  /** `x` between the bounds; NaN stays NaN. */
  clamp(x: Lanes, low: number, high: number): Lanes {
    const above = this.apply(f32x4.pmax, x, this.f32(low))
    return this.apply(f32x4.pmin, above, this.f32(high))
  }
}
