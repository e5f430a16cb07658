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
  readonly starts: { least: number; most: number }
  readonly ends: { least: number; most: number }
  top: number
  /** No gap between its blocks is wider. */
  gap: number
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
  const shelf = shelves[at]
  if (shelf === undefined) {
    shelves.push(shelfOf([block]))
    return
  }
  const { blocks } = shelf
  const above = blocks.findIndex(({ offset }) => offset > block.offset)
  blocks.splice(above < 0 ? blocks.length : above, 0, block)
  if (blocks.length === fullShelf) {
    shelves.splice(at, 1, shelfOf(blocks.slice(0, fullShelf / 2)), shelfOf(blocks.slice(fullShelf / 2)))
    return
  }
  // What lay within a gap makes it no wider; only below the lowest block there is a new one.
  if (above === 0) shelf.gap = Math.max(shelf.gap, blocks[1]!.offset - block.offset - block.bytes)
  extend(shelf, block)
}

const shelfOf = (blocks: Array<Block>): Shelf => {
  const none = { least: Infinity, most: -Infinity }
  const shelf: Shelf = { blocks, starts: { ...none }, ends: { ...none }, top: blocks[0]!.offset, gap: 0 }
  for (const block of blocks) extend(shelf, block)
  return shelf
}

const extend = (shelf: Shelf, { bytes, start, end, offset }: Block): void => {
  const { ends, starts } = shelf
  starts.least = Math.min(starts.least, start)
  starts.most = Math.max(starts.most, start)
  ends.least = Math.min(ends.least, end)
  ends.most = Math.max(ends.most, end)
  shelf.gap = Math.max(shelf.gap, offset - shelf.top)
  shelf.top = Math.max(shelf.top, offset + bytes)
}
