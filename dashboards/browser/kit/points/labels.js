// Where names stand on a map, so that all that can be read are.

const [LINE, LETTER, SIDES] = [20, 7, 12] // CSS pixels: a name's height, a letter, and around the letters
const LINES = [0, 1, -1, 2, -2] // in which a name looks for room

/**
 * A spot for each of `names`, {text, at}: its own, or whole lines below or above where another stands. Who comes
 * first has room first; null: it is out of sight, or there is no room.
 * @param {number[]} size
 */
export function layout(names, size) {
  const [[width, height], placed] = [size, []]
  return names.map(({text, at: [x, y]}) => {
    if (!(x >= 0 && x <= width && y >= 0 && y <= height)) return null
    const half = (LETTER * text.length + SIDES) / 2
    const left = Math.max(half, Math.min(width - half, x))
    const free = (top) =>
      Math.abs(top - height / 2) <= (height - LINE) / 2 &&
      placed.every((one) => Math.abs(one.left - left) >= one.half + half || Math.abs(one.top - top) >= LINE)
    const line = LINES.find((by) => free(y + by * LINE))
    if (line === undefined) return null
    const top = y + line * LINE
    placed.push({left, top, half})
    return [left, top]
  })
}
