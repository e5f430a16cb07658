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

/** The kernels that must run after one, as things stand when it is called; it may repeat itself. */
export type Successors = (kernel: number) => ReadonlyArray<number>

export const orderOf = (count: number, successors: Successors): Order => {
  /** Kernels by rank; -1 where one was merged into another. */
  const kernels = sorted(count, successors)
  const rank = new Int32Array(count)
  kernels.forEach((kernel, at) => (rank[kernel] = at))
  const { entered, left } = forest(kernels, successors)
  /** When a kernel was last looked at. */
  const seen = new Int32Array(count)
  let search = 0

  /**
   * Whether a kernel is reached from one of others. A path along the forest is seen at a glance, and merging takes no
   * path away, so in practice the search ends after a few kernels however far apart they are.
   */
  const reaches = (from: ReadonlyArray<number>, to: number): boolean => {
    search++
    const pending = [...from]
    while (pending.length > 0) {
      const kernel = pending.pop()!
      if (rank[kernel]! >= rank[to]! || seen[kernel] === search) continue
      if (entered[kernel]! <= entered[to]! && entered[to]! < left[kernel]!) return true
      seen[kernel] = search
      for (const next of successors(kernel)) {
        if (next === to) return true
        pending.push(next)
      }
    }
    return false
  }

  /** What must run after a kernel and ranks below `end`. */
  const reached = (from: number, end: number): ReadonlySet<number> => {
    const found = new Set<number>()
    const pending = [...successors(from)]
    while (pending.length > 0) {
      const kernel = pending.pop()!
      if (rank[kernel]! >= end || found.has(kernel)) continue
      found.add(kernel)
      pending.push(...successors(kernel))
    }
    return found
  }

  return {
    mergeable: (producer, consumer) =>
      rank[producer]! > rank[consumer]!
        ? !reaches([consumer], producer)
        : !reaches(
            successors(producer).filter((next) => next !== consumer),
            consumer
          ),
    merged: (first, second) => {
      const [start, end] = [Math.min(rank[first]!, rank[second]!), Math.max(rank[first]!, rank[second]!)]
      if (left[first]! - entered[first]! > left[second]! - entered[second]!) {
        entered[second] = entered[first]!
        left[second] = left[first]!
      }
      const after = reached(second, end)
      if (after.size === 0) {
        kernels[start] = -1
        kernels[end] = second
        rank[second] = end
        return
      }
      const others = kernels
        .slice(start, end + 1)
        .filter((kernel) => kernel >= 0 && kernel !== first && kernel !== second)
      const renewed = [
        ...others.filter((kernel) => !after.has(kernel)),
        second,
        ...others.filter((kernel) => after.has(kernel))
      ]
      for (let at = start; at <= end; at++) {
        const kernel = renewed[at - start] ?? -1
        kernels[at] = kernel
        if (kernel >= 0) rank[kernel] = at
      }
    }
  }
}

/** Every kernel after those it follows. */
const sorted = (count: number, successors: Successors): Array<number> => {
  const before = new Int32Array(count)
  for (let kernel = 0; kernel < count; kernel++) for (const next of successors(kernel)) before[next]!++
  const order: Array<number> = []
  for (let kernel = 0; kernel < count; kernel++) if (before[kernel] === 0) order.push(kernel)
  for (const kernel of order) for (const next of successors(kernel)) if (--before[next]! === 0) order.push(next)
  return order
}

/**
 * A spanning forest, depth first: every kernel that is entered after another and before that is left is reached from it.
 * First successors go first: they are the nearest, and lie on the path from which all that follows is reached.
 */
const forest = (kernels: ReadonlyArray<number>, successors: Successors) => {
  const entered = new Int32Array(kernels.length).fill(-1)
  const left = new Int32Array(kernels.length)
  let time = 0
  for (const root of kernels) {
    if (entered[root]! >= 0) continue
    entered[root] = time++
    const path = [{ kernel: root, pending: successors(root).toReversed() }]
    while (path.length > 0) {
      const { kernel, pending } = path.at(-1)!
      const next = pending.pop()
      if (next === undefined) {
        left[kernel] = time
        path.pop()
      } else if (entered[next]! < 0) {
        entered[next] = time++
        path.push({ kernel: next, pending: successors(next).toReversed() })
      }
    }
  }
  return { entered, left }
}
