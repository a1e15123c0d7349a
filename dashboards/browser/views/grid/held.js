// The tiles of a grid that are here, and those that are asked for.

import {sheetOf} from "../../widgets/tiles.js"

/** Of a model; `say` asks for others. */
export function holding(model, say) {
  let held = {of: null, sheet: null} // pictures side by side on one canvas
  let wanted = "" // the last window asked for

  /** Where a position is in the window that is here; negative where it is of another listing. */
  const indexOf = (position) =>
    model.window.order === model.listing.order ? position - model.window.first : -1

  /** The sample at a position; -1: it is not here. */
  const sampleAt = (position) => (position < 0 ? -1 : (model.window.sample?.[indexOf(position)] ?? -1))

  function pictures() {
    const {tiles, listing, window} = model
    if (held.of !== tiles)
      held = {of: tiles, sheet: sheetOf(tiles, listing.shape, window.sample?.length ?? 0)}
    return held.sheet
  }

  /** Asks for tiles where some of them are not here, and for half as many to either side. */
  function want(first, last) {
    const {order, count} = model.listing
    const here = indexOf(first) >= 0 && indexOf(last) <= model.window.sample.length
    const name = `${order} ${first} ${last}`
    if (last <= first || here || name === wanted) return
    wanted = name
    const margin = (last - first) >> 1
    say("window", {order, first: Math.max(0, first - margin), last: Math.min(count, last + margin)})
  }

  return {indexOf, sampleAt, pictures, want}
}
