// The point under a pointer.

const REACH = 12 // CSS pixels around the pointer

/**
 * The point of the least `rank(away, point)` among those that are near; null where none is. `away` is the square of
 * the distance, of which 1 is as far as it reaches.
 * @param {Float32Array} spots - (point, 2), in CSS pixels; NaN: nowhere
 */
export function nearest(spots, [left, top], rank = (away, _point) => away) {
  let [best, found] = [Infinity, null]
  for (let k = 0; k < spots.length; k += 2) {
    const x = (spots[k] - left) / REACH
    const y = (spots[k + 1] - top) / REACH
    const away = x * x + y * y
    if (!(away < 1)) continue
    const now = rank(away, k / 2)
    if (now < best) [best, found] = [now, k / 2]
  }
  return found
}
