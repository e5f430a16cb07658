/** What is known at a point of a loop nest: values already computed, and where the loops stand. */
import type { Affine, ExprId } from "../../../kernel/ir.ts"
import type { I32, Local } from "../assembler.ts"
import type { Lanes } from "../vectors.ts"

/**
 * Something that moves with the loops by an affine map: an address (`scale` 4) or an index (`scale` 1). `origin` is
 * where it stands when all indices are 0, apart from the map's offset.
 */
export interface Track {
  readonly key: string
  readonly origin: I32
  readonly at: Affine
  readonly scale: 1 | 4
}

interface Scope {
  readonly values: Map<ExprId, Lanes>
  /** Byte offsets of gathered rows, by the load that reads them. */
  readonly rowOffsets: Map<ExprId, Local<"i32">>
  readonly reciprocals: Map<ExprId, Lanes>
  readonly places: Map<string, Local<"i32">>
}

const emptyScope = (): Scope => ({
  values: new Map(),
  rowOffsets: new Map(),
  reciprocals: new Map(),
  places: new Map()
})

/** A stack of scopes; what an inner one does not know an outer one may. */
export class Scopes {
  private readonly stack: Array<Scope> = [emptyScope()]

  get current(): Scope {
    return this.stack.at(-1)!
  }

  within(body: () => void): void {
    this.stack.push(emptyScope())
    body()
    this.stack.pop()
  }

  value(id: ExprId): Lanes | undefined {
    return this.find((scope) => scope.values.get(id))
  }

  rowOffset(id: ExprId): Local<"i32"> | undefined {
    return this.find((scope) => scope.rowOffsets.get(id))
  }

  reciprocal(id: ExprId): Lanes | undefined {
    return this.find((scope) => scope.reciprocals.get(id))
  }

  place(key: string): Local<"i32"> | undefined {
    return this.find((scope) => scope.places.get(key))
  }

  private find<A>(look: (scope: Scope) => A | undefined): A | undefined {
    for (let i = this.stack.length - 1; i >= 0; i--) {
      const found = look(this.stack[i]!)
      if (found !== undefined) return found
    }
    return undefined
  }
}
