// Where tiles stand in a list, however long: rows of them, group by group, each group below its title.

import {fitted} from "../../kit/thumbnail.js"
import {BORDER} from "../../widgets/tiles.js"

export const TITLE = 24 // CSS pixels of a group's title
const [GAP, PAD] = [4, 10]
const WORDY = 1.6 // times as wide, a text is read

/** Of a listing whose tiles aim at `target` CSS pixels, in a view of a height and a width. */
export function arranged({shape = [28, 28], groups = [], textual = false}, target, [height, width]) {
  const tile = fitted(shape, textual ? WORDY * target : target)
  const [tall, wide] = tile.map((side) => side + 2 * BORDER + GAP)
  const columns = Math.max(1, Math.floor((width - 2 * PAD + GAP) / wide))
  const left = Math.max(PAD, (width - columns * wide + GAP) / 2)
  const blocks = blocksOf(groups, columns, tall)
  const count = blocks.at(-1)?.last ?? 0
  const titled = groups.some(({name}) => name)
  const rowsTo = (pixels, {top}) => Math.max(0, pixels - top) / tall

  /** Left and top of a tile, in pixels of the list. */
  function place(position) {
    const {first, top} = last(blocks, "first", position)
    return [
      left + ((position - first) % columns) * wide,
      top + Math.floor((position - first) / columns) * tall,
    ]
  }

  /** The positions from the first to the one behind the last that are seen at an offset. */
  function seen(offset) {
    if (!count) return [0, 0]
    const [from, to] = [offset, offset + height].map((pixels) => last(blocks, "top", pixels))
    const first = from.first + Math.floor(rowsTo(offset, from)) * columns
    const end = to.first + Math.ceil(rowsTo(offset + height, to)) * columns
    return [Math.min(from.last, first), Math.min(to.last, end)]
  }

  /** The position at a point of the view; -1: none. */
  function under(x, y, offset) {
    if (!count || (titled && y < TITLE)) return -1
    const block = last(blocks, "top", y + offset)
    const [row, column] = [Math.floor((y + offset - block.top) / tall), Math.floor((x - left) / wide)]
    const position = block.first + row * columns + column
    return column >= 0 && column < columns && row >= 0 && position < block.last ? position : -1
  }

  /** The position in the next row, of the next group where this one ends. */
  function below(position) {
    const {first, last: end} = last(blocks, "first", position)
    const within = position - first
    if (position + columns < end) return position + columns
    if (Math.floor(within / columns) < Math.floor((end - 1 - first) / columns)) return end - 1
    return end < count ? Math.min(last(blocks, "first", end).last - 1, end + (within % columns)) : end - 1
  }

  /** The position in the row before, of the group before where this one begins. */
  function above(position) {
    const {first} = last(blocks, "first", position)
    const within = position - first
    if (within >= columns) return position - columns
    if (!first) return 0
    const before = last(blocks, "first", first - 1).first
    return Math.min(first - 1, before + Math.floor((first - 1 - before) / columns) * columns + within)
  }

  /** The position that a key leads to from another; null: it leads nowhere. */
  function step(key, from) {
    const page = Math.max(1, Math.floor(height / tall)) * columns
    const ends = {Home: 0, End: count - 1, PageUp: from - page, PageDown: from + page}
    const to = {...ends, ArrowLeft: from - 1, ArrowRight: from + 1}[key]
    const row = {ArrowUp: above, ArrowDown: below}[key]
    if (!count || (to === undefined && !row)) return null
    return Math.max(0, Math.min(count - 1, to ?? row(from)))
  }

  const total = Math.max(blocks.at(-1)?.bottom ?? 0, PAD)
  return {tile, tall, left, blocks, total, head: titled ? TITLE : PAD, place, seen, under, step}
}

/** Of each group the first position and the one behind the last, and where its tiles begin and end. */
function blocksOf(groups, columns, tall) {
  let [first, top] = [0, PAD]
  return groups.map(({name, count}) => {
    if (name) top += TITLE
    const block = {first, last: first + count, top, bottom: top + Math.ceil(count / columns) * tall}
    first = block.last
    top = block.bottom
    return block
  })
}

/** The last of the blocks, which are in order, of which `begins` is not beyond a value. */
function last(blocks, begins, value) {
  let [low, high] = [0, blocks.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (blocks[middle][begins] <= value) low = middle
    else high = middle - 1
  }
  return blocks[low]
}
