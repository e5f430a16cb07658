/** Where blocks of an arena lie: those that are alive at the same time beside each other, others over each other. */

export interface Block {
  readonly bytes: number
  /** The first and the last step at which it is alive. */
  readonly start: number
  readonly end: number
  offset: number
}

/** Largest first, each at the lowest offset where nothing alive at the same time lies. Returns the arena's size. */
export const place = (blocks: ReadonlyArray<Block>): number => {
  const shelves: Array<Shelf> = []
  let top = 0
  for (const block of [...blocks].sort((a, b) => b.bytes - a.bytes || a.start - b.start)) {
    block.offset = lowest(shelves, block)
    top = Math.max(top, block.offset + block.bytes)
    insert(shelves, block)
  }
  return top
}

/**
 * Neighbours in the order of their offsets, with what lets a search pass them by without looking at each: a program has
 * as many blocks as it is long, and most are either all alive or all dead for the one that is placed.
 */
interface Shelf {
  readonly blocks: Array<Block>
  readonly starts: { readonly least: number; readonly most: number }
  readonly ends: { readonly least: number; readonly most: number }
  readonly top: number
  /** The widest gap between its blocks. */
  readonly gap: number
}

const fullShelf = 128

const lowest = (shelves: ReadonlyArray<Shelf>, { bytes, start, end }: Block): number => {
  let offset = 0
  for (const { blocks, starts, ends, top, gap } of shelves) {
    if (starts.least > end || ends.most < start) continue
    if (starts.most <= end && ends.least >= start && gap < bytes) {
      if (blocks[0]!.offset >= offset + bytes) return offset
      offset = Math.max(offset, top)
      continue
    }
    for (const other of blocks) {
      if (other.start > end || other.end < start) continue
      if (other.offset >= offset + bytes) return offset
      offset = Math.max(offset, other.offset + other.bytes)
    }
  }
  return offset
}

const insert = (shelves: Array<Shelf>, block: Block): void => {
  const next = shelves.findIndex(({ blocks }) => blocks[0]!.offset > block.offset)
  const at = Math.max(0, (next < 0 ? shelves.length : next) - 1)
  const blocks = shelves[at]?.blocks ?? []
  const place = blocks.findIndex(({ offset }) => offset > block.offset)
  blocks.splice(place < 0 ? blocks.length : place, 0, block)
  const parts = blocks.length < fullShelf ? [blocks] : [blocks.slice(0, fullShelf / 2), blocks.slice(fullShelf / 2)]
  shelves.splice(at, 1, ...parts.map(shelfOf))
}

const shelfOf = (blocks: Array<Block>): Shelf => {
  const starts = { least: Infinity, most: -Infinity }
  const ends = { least: Infinity, most: -Infinity }
  let gap = 0
  let top = blocks[0]!.offset
  for (const { bytes, start, end, offset } of blocks) {
    starts.least = Math.min(starts.least, start)
    starts.most = Math.max(starts.most, start)
    ends.least = Math.min(ends.least, end)
    ends.most = Math.max(ends.most, end)
    gap = Math.max(gap, offset - top)
    top = Math.max(top, offset + bytes)
  }
  return { blocks, starts, ends, top, gap }
}
