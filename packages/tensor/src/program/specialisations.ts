/** The forms of a program for the sizes it met: made when they are first needed, dropped when others are needed more. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"

interface Entry<A> {
  readonly value: A
  /** What the form holds on the device. */
  readonly scope: Scope.Closeable
  users: number
  isDropped: boolean
}

/**
 * At most `limit` forms, the least recently used dropped first. What one holds is freed when it is dropped, or when the
 * last that uses it is done; all of them with the scope they are given.
 */
export class Specialisations<A> {
  readonly #limit: number
  readonly #scope: Scope.Scope
  readonly #making = Semaphore.makeUnsafe(1)
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry<A>>()

  constructor(limit: number, scope: Scope.Scope) {
    this.#limit = limit
    this.#scope = scope
  }

  /** Runs `use` with the form of that name, made by `make` unless it is there; it is not freed meanwhile. */
  with<B, E, E2>(
    name: string,
    make: Effect.Effect<A, E, Scope.Scope>,
    use: (value: A) => Effect.Effect<B, E2>
  ): Effect.Effect<B, E | E2> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(restore(this.#find(name, make)), (entry): Effect.Effect<B, E | E2> => {
        // Others may have come between, and needed the place.
        if (entry.isDropped) return restore(this.with(name, make, use))
        entry.users++
        const leave = Effect.suspend(() => (--entry.users === 0 && entry.isDropped ? close(entry) : Effect.void))
        return Effect.ensuring(restore(use(entry.value)), leave)
      })
    )
  }

  #find<E>(name: string, make: Effect.Effect<A, E, Scope.Scope>): Effect.Effect<Entry<A>, E> {
    return Effect.suspend(() => {
      const known = this.#touch(name)
      if (known !== undefined) return Effect.succeed(known)
      const made = Effect.suspend(() => {
        const meanwhile = this.#touch(name)
        return meanwhile === undefined
          ? Effect.andThen(this.#makeRoom, this.#add(name, make))
          : Effect.succeed(meanwhile)
      })
      return this.#making.withPermit(made)
    })
  }

  #touch(name: string): Entry<A> | undefined {
    const known = this.#entries.get(name)
    if (known === undefined) return undefined
    this.#entries.delete(name)
    this.#entries.set(name, known)
    return known
  }

  /** Before another is made, so that it can have the memory. */
  readonly #makeRoom = Effect.suspend(() => {
    const closing: Array<Effect.Effect<void>> = []
    for (const [name, entry] of this.#entries) {
      if (this.#entries.size < this.#limit) break
      this.#entries.delete(name)
      entry.isDropped = true
      if (entry.users === 0) closing.push(close(entry))
    }
    return Effect.uninterruptible(Effect.all(closing, { discard: true }))
  })

  #add<E>(name: string, make: Effect.Effect<A, E, Scope.Scope>): Effect.Effect<Entry<A>, E> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        const scope = Scope.forkUnsafe(this.#scope)
        return restore(Scope.provide(make, scope)).pipe(
          Effect.onError(() => Scope.close(scope, Exit.void)),
          Effect.map((value) => {
            const entry: Entry<A> = { value, scope, users: 0, isDropped: false }
            this.#entries.set(name, entry)
            return entry
          })
        )
      })
    )
  }
}

const close = ({ scope }: Entry<unknown>): Effect.Effect<void> => Scope.close(scope, Exit.void)
