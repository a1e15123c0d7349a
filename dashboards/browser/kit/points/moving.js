// Points that go from place to place, as `dashboards/kit/moving.py` packs them, and where they are between.

import {values} from "../bytes.js"

const NOWHERE = 65535 // of a coordinate

/** A moment is {before, after, share}: of two of the moments that there are, and how far it is between them. */
export class Moving {
  /** `position` is uint16 (moment, point, 2), shares of the span: left, bottom, right, top. */
  constructor(position, count, span) {
    this.count = count
    this.span = span
    this.position = values(position, Uint16Array)
    this.seen = new Float32Array(2 * count).fill(Number.NaN) // (point, 2): spots that `project` has found
  }

  /** Finds where all are seen. */
  project({before, after, share}, camera) {
    const {position, count, seen, span} = this
    const [[left, bottom], [right, top]] = [span.slice(0, 2), span.slice(2)].map((at) => camera.toScreen(at))
    const [across, up] = [(right - left) / (NOWHERE - 1), (top - bottom) / (NOWHERE - 1)]
    let [from, to] = [2 * before * count, 2 * after * count]
    for (let k = 0; k < seen.length; k += 2, from += 2, to += 2) {
      const there = position[from] !== NOWHERE && position[to] !== NOWHERE
      seen[k] = there
        ? left + across * (position[from] + (position[to] - position[from]) * share)
        : Number.NaN
      seen[k + 1] = bottom + up * (position[from + 1] + (position[to + 1] - position[from + 1]) * share)
    }
  }

  /** The spot of a point; null where it is nowhere, or there is no such point. */
  spot(point) {
    const x = point == null ? undefined : this.seen[2 * point]
    return x === undefined || Number.isNaN(x) ? null : [x, this.seen[2 * point + 1]]
  }

  /** Where a point is on the map; null: nowhere. */
  place(point, moment) {
    const [{position, span}, {before, after, share}] = [this, moment]
    const [from, to] = [before, after].map((at) => 2 * (at * this.count + point))
    if (position[from] === NOWHERE || position[to] === NOWHERE) return null
    return [0, 1].map((k) => {
      const along = position[from + k] + (position[to + k] - position[from + k]) * share
      return span[k] + ((span[k + 2] - span[k]) * along) / (NOWHERE - 1)
    })
  }
}

/** Spots of names, {text, at}, whose `at` has a place for each moment there is. */
export function labels(names, {before, after, share}, camera) {
  return names.map(({text, at}, index) => {
    const place = [0, 1].map((k) => at[before][k] + (at[after][k] - at[before][k]) * share)
    return {index, text, at: camera.toScreen(place)}
  })
}
