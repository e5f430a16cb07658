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

/** `successors` gives the kernels that must run after one, as things stand when it is called; it may repeat itself. */
export const orderOf = (count: number, successors: (kernel: number) => Iterable<number>): Order => {
  /** Kernels by rank; -1 where one was merged into another. */
  const kernels = sorted(count, successors)
  const rank = new Array<number>(count)
  kernels.forEach((kernel, at) => (rank[kernel] = at))

  /** What is reached from the kernels given and ranks below `end`. */
  const reached = (from: Iterable<number>, end: number): Set<number> => {
    const seen = new Set<number>()
    const pending = [...from]
    while (pending.length > 0) {
      const kernel = pending.pop()!
      if (rank[kernel]! >= end || seen.has(kernel)) continue
      seen.add(kernel)
      pending.push(...successors(kernel))
    }
    return seen
  }
  const leadsTo = (kernel: number, target: number): boolean => {
    for (const next of successors(kernel)) if (next === target) return true
    return false
  }

  return {
    mergeable: (producer, consumer) => {
      if (rank[producer]! > rank[consumer]!) {
        const between = reached([consumer], rank[producer]!)
        return ![...between].some((kernel) => leadsTo(kernel, producer))
      }
      const between = reached(successors(producer), rank[consumer]!)
      return ![...between].some((kernel) => leadsTo(kernel, consumer))
    },
    merged: (first, second) => {
      const [start, end] = [Math.min(rank[first]!, rank[second]!), Math.max(rank[first]!, rank[second]!)]
      const after = reached(successors(second), end)
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
const sorted = (count: number, successors: (kernel: number) => Iterable<number>): Array<number> => {
  const before = new Array<number>(count).fill(0)
  for (let kernel = 0; kernel < count; kernel++) for (const next of successors(kernel)) before[next]!++
  const order: Array<number> = []
  for (let kernel = 0; kernel < count; kernel++) if (before[kernel] === 0) order.push(kernel)
  for (const kernel of order) for (const next of successors(kernel)) if (--before[next]! === 0) order.push(next)
  return order
}
