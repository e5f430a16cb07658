/** What several programs of a layer use, such as compiled kernels: made once, let go of with the last that uses it. */
export class Shared<A> {
  readonly #known = new Map<string, { readonly value: A; users: number }>()
  readonly #letGo: (value: A) => void

  constructor(letGo: (value: A) => void) {
    this.#letGo = letGo
  }

  /** The thing of that name, made where it is not there; for each time it is taken it is to be released once. */
  take(name: string, make: () => A): A {
    const known = this.#known.get(name)
    if (known !== undefined) {
      known.users++
      return known.value
    }
    const value = make()
    this.#known.set(name, { value, users: 1 })
    return value
  }

  release(name: string): void {
    const known = this.#known.get(name)
    if (known === undefined || --known.users > 0) return
    this.#known.delete(name)
    this.#letGo(known.value)
  }

  /** Everything there is, whoever uses it. */
  clear(): void {
    const all = [...this.#known.values()]
    this.#known.clear()
    for (const { value } of all) this.#letGo(value)
  }
}
