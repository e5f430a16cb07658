/**
 * A topological order of kernels that survives merging them, so that whether two may merge is answered by looking only
 * at what lies between them: fusing a long chain would otherwise take time that grows with its square.
 */
export interface Order {
  /** Whether two kernels can become one: neither is reached from the other through a third. */
  readonly mergeable: (producer: number, consumer: number) => boolean
  /** Two kernels have become one, which is known by the number of the second from now on. */
  readonly merged: (first: number, second: number) => void
}

/** What must run after a kernel and before it, as things stand when it is asked; either may repeat itself. */
export interface Neighbours {
  readonly after: (kernel: number) => Iterable<number>
  readonly before: (kernel: number) => Iterable<number>
}

export const orderOf = (count: number, { after, before }: Neighbours): Order => {
  /** Kernels by rank; -1 where one was merged into another. */
  const kernels = sorted(count, after)
  const rank = new Int32Array(count)
  kernels.forEach((kernel, at) => (rank[kernel] = at))
  const { entered, left } = forest(kernels, after)
  /** A path along the forest is seen at a glance, and merging takes no path away. */
  const leads = (from: number, to: number): boolean => entered[from]! <= entered[to]! && entered[to]! < left[from]!
  /** When a kernel was last reached from the start, and from the end. */
  const reached = new Int32Array(count)
  const reaching = new Int32Array(count)
  let search = 0

  /**
   * Whether one kernel is reached from another through a third. The search goes an edge at a time from both ends until
   * one end has nothing left: a kernel with thousands of readers does not cost more than the few that its reader reads.
   */
  const reaches = (from: number, to: number): boolean => {
    search++
    const forward = [after(from)[Symbol.iterator]()]
    const backward = [before(to)[Symbol.iterator]()]
    for (;;) {
      const next = take(forward)
      if (next === null) return false
      if (next === to) {
        if (forward.length > 1) return true
      } else if (rank[next]! < rank[to]! && reached[next] !== search) {
        if (leads(next, to) || reaching[next] === search) return true
        reached[next] = search
        forward.push(after(next)[Symbol.iterator]())
      }
      const last = take(backward)
      if (last === null) return false
      if (last === from) {
        if (backward.length > 1) return true
      } else if (rank[last]! > rank[from]! && reaching[last] !== search) {
        if (leads(from, last) || reached[last] === search) return true
        reaching[last] = search
        backward.push(before(last)[Symbol.iterator]())
      }
    }
  }

  /** What must run after a kernel and ranks below `end`. */
  const following = (from: number, end: number): ReadonlySet<number> => {
    const found = new Set<number>()
    const pending = [from]
    while (pending.length > 0) {
      for (const kernel of after(pending.pop()!)) {
        if (rank[kernel]! >= end || found.has(kernel)) continue
        found.add(kernel)
        pending.push(kernel)
      }
    }
    return found
  }

  return {
    mergeable: (producer, consumer) => {
      if (rank[producer]! < rank[consumer]!) return !reaches(producer, consumer)
      for (const earlier of before(producer)) if (earlier === consumer) return false
      return !reaches(consumer, producer)
    },
    merged: (first, second) => {
      const [start, end] = [Math.min(rank[first]!, rank[second]!), Math.max(rank[first]!, rank[second]!)]
      if (left[first]! - entered[first]! > left[second]! - entered[second]!) {
        entered[second] = entered[first]!
        left[second] = left[first]!
      }
      const behind = following(second, end)
      if (behind.size === 0) {
        kernels[start] = -1
        kernels[end] = second
        rank[second] = end
        return
      }
      const others = kernels
        .slice(start, end + 1)
        .filter((kernel) => kernel >= 0 && kernel !== first && kernel !== second)
      const renewed = [
        ...others.filter((kernel) => !behind.has(kernel)),
        second,
        ...others.filter((kernel) => behind.has(kernel))
      ]
      for (let at = start; at <= end; at++) {
        const kernel = renewed[at - start] ?? -1
        kernels[at] = kernel
        if (kernel >= 0) rank[kernel] = at
      }
    }
  }
}

/** The next edge of a search, depth first; null where there is none left. */
const take = (pending: Array<Iterator<number>>): number | null => {
  while (pending.length > 0) {
    const next = pending.at(-1)!.next()
    if (next.done !== true) return next.value
    pending.pop()
  }
  return null
}

/** Every kernel after those it follows. */
const sorted = (count: number, after: Neighbours["after"]): Array<number> => {
  const waiting = new Int32Array(count)
  for (let kernel = 0; kernel < count; kernel++) for (const next of after(kernel)) waiting[next]!++
  const order: Array<number> = []
  for (let kernel = 0; kernel < count; kernel++) if (waiting[kernel] === 0) order.push(kernel)
  for (const kernel of order) for (const next of after(kernel)) if (--waiting[next]! === 0) order.push(next)
  return order
}

/**
 * A spanning forest, depth first: every kernel that is entered after another and before that is left is reached from it.
 * First successors go first: they are the nearest, and lie on the path from which all that follows is reached.
 */
const forest = (kernels: ReadonlyArray<number>, after: Neighbours["after"]) => {
  const entered = new Int32Array(kernels.length).fill(-1)
  const left = new Int32Array(kernels.length)
  let time = 0
  for (const root of kernels) {
    if (entered[root]! >= 0) continue
    entered[root] = time++
    const path = [{ kernel: root, pending: [...after(root)].toReversed() }]
    while (path.length > 0) {
      const { kernel, pending } = path.at(-1)!
      const next = pending.pop()
      if (next === undefined) {
        left[kernel] = time
        path.pop()
      } else if (entered[next]! < 0) {
        entered[next] = time++
        path.push({ kernel: next, pending: [...after(next)].toReversed() })
      }
    }
  }
  return { entered, left }
}
