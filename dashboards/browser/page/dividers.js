// Room moves between neighbors: by dragging what lies between two cards, or by keys where the focus is.

import {isPressed, isTyped} from "../kit/shortcut.js"

const SMALLEST = 160 // CSS pixels of a part
const STEP = 40 // with a key

/** Parts of a box that share its room, from the left or from above. */
function parts(box) {
  return [...(box?.shadowRoot?.children ?? [])].filter((part) => part.offsetWidth && Number(grow(part)))
}

const grow = (part) => getComputedStyle(part).flexGrow
const isRow = (box) => getComputedStyle(box).flexDirection.startsWith("row")

/** The two parts of a box between which a point lies; null where there are none. */
function between(box, {clientX, clientY}) {
  const shared = parts(box)
  if (shared.length < 2) return null
  const across = isRow(box)
  const [start, end, at] = across ? ["left", "right", clientX] : ["top", "bottom", clientY]
  const index = shared.findIndex((part, place) => {
    const next = shared[place + 1]?.getBoundingClientRect()[start] ?? Number.NEGATIVE_INFINITY
    return part.getBoundingClientRect()[end] <= at && at <= next
  })
  return index < 0 ? null : {part: shared[index], next: shared[index + 1], across}
}

/** The nearest box around what has the focus that has another part beside it. */
function around(path) {
  for (const [index, part] of path.entries()) {
    const box = path[index + 2] // beyond the shadow root that the part is in
    const shared = part instanceof Element && box instanceof Element ? parts(box) : []
    const place = shared.indexOf(part)
    if (place >= 0 && shared.length > 1)
      return {part, next: shared[place + 1] ?? shared[place - 1], across: isRow(box)}
  }
  return null
}

/** Gives pixels of the next part's room to a part, as far as both stay large enough. */
function give({part, next, across}, pixels, before) {
  const size = (one) => one.getBoundingClientRect()[across ? "width" : "height"]
  const [room, all] = [size(part) + size(next), Number(grow(part)) + Number(grow(next))]
  if (room < 2 * SMALLEST) return
  for (const one of [part, next]) if (!before.has(one)) before.set(one, grow(one))
  const share = Math.max(SMALLEST, Math.min(room - SMALLEST, size(part) + pixels)) / room
  part.style.flexGrow = String(all * share)
  next.style.flexGrow = String(all * (1 - share))
}

/** `less` and `more` are keys. */
export function dividers(signal, less, more) {
  const before = new WeakMap() // how a part grew before it was changed
  const listen = (name, call) => window.addEventListener(name, call, {signal})
  let held = null // the parts whose divider is dragged, and where it was last

  listen("pointermove", (event) => {
    const [box] = event.composedPath()
    if (held) {
      const at = held.across ? event.clientX : event.clientY
      give(held, at - held.at, before)
      held.at = at
    } else if (box.shadowRoot) {
      const found = between(box, event)
      box.style.cursor = found ? `${found.across ? "col" : "row"}-resize` : ""
    }
  })
  listen("pointerdown", (event) => {
    const found = between(event.composedPath()[0], event)
    if (!found) return
    held = {...found, at: found.across ? event.clientX : event.clientY}
    event.preventDefault() // no text is selected
  })
  for (const end of ["pointerup", "pointercancel"])
    listen(end, () => {
      held = null
    })
  listen("dblclick", (event) => {
    const found = between(event.composedPath()[0], event)
    for (const part of found ? [found.part, found.next] : [])
      if (before.has(part)) part.style.flexGrow = before.get(part)
  })
  listen("keydown", (event) => {
    const pixels = isPressed(less, event) ? -STEP : isPressed(more, event) ? STEP : 0
    const found = pixels && !isTyped(event) && around(event.composedPath())
    if (found) give(found, pixels, before)
  })
}
