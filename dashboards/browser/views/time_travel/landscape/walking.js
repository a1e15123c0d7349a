// Keys on the map: a cursor walks over it, Enter does what a click there does, and L sets the corners of a lasso.

import {h} from "../../../widgets/dom.js"

const PACE = 12,
  STRETCH = 60 // CSS pixels of an arrow with Shift, and with Ctrl too
const LEAST = 3 // corners of a lasso
const CURSOR = 11,
  GAP_INSIDE = 4 // CSS pixels: radius of its ring, and what its cross leaves free
const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}

/** `begins()` is where it begins on the screen, `stands()` the time while that stands, else null; `point(at)`, `pick(at, event)` and
 * `lasso(corners, event)` are those of a pointer, `toScreen` and `toMap` lead from the map and back, `size()` is the screen's. */
export function walking(stage, outline, {begins, stands, point, pick, lasso, toScreen, toMap, size, draw}) {
  const told = h("p", {class: "told", "aria-live": "polite", hidden: true})
  let here = null,
    active = false,
    corners = [],
    stood = null // places of the map

  const drawn = () => {
    const last = corners.at(-1)
    return last && last[0] === here[0] && last[1] === here[1] ? corners : [...corners, here]
  }

  function key(event) {
    const ctrl = event.ctrlKey || event.metaKey,
      arrow = ARROWS[event.key]
    if (event.altKey || event.composedPath()[0] !== stage) return false
    if (arrow && event.shiftKey) move(arrow, ctrl ? STRETCH : PACE)
    else if (!active) return false
    else if (event.key === "Enter") act(event)
    else if (!ctrl && event.key.toLowerCase() === "l") {
      corners = drawn()
      draw()
    } else if (event.key === "Escape" && corners.length) drop()
    else return false
    return true
  }

  function move([right, down], pixels) {
    const [width, height] = size(),
      inside = (at, most) => Math.max(0, Math.min(most, at))
    if (active) {
      const [x, y] = toScreen(here)
      here = toMap([inside(x + right * pixels, width), inside(y + down * pixels, height)])
    } else here ??= toMap(begins().map((at, axis) => inside(at, size()[axis])))
    active = true
    point(toScreen(here))
    draw()
  }

  function act(event) {
    if (!corners.length) return pick(toScreen(here), event)
    const closed = drawn()
    if (closed.length < LEAST) return
    drop()
    lasso(closed, event)
  }

  function drop() {
    corners = []
    outline.setAttribute("d", "")
    draw()
  }

  function leave() {
    if (!active) return
    active = false
    if (corners.length) drop()
    point(null)
    draw()
  }

  stage.addEventListener("blur", leave)
  stage.addEventListener("pointerdown", leave)
  stage.addEventListener("focus", () => {
    if (here && stage.matches(":focus-visible")) {
      active = true
      point(toScreen(here))
      draw()
    }
  })

  return {
    told,
    key,
    /** Where it is on the screen; undefined: nobody is here. */
    get at() {
      return active ? toScreen(here) : undefined
    },
    /** Another map is shown: where it was means nothing there. */
    forget() {
      here = null
      leave()
    },
    /** Draws ring, cross and lasso; what is under the ring is another in another epoch. */
    paint(context, ground, ink) {
      if (!active) return
      const [x, y] = toScreen(here),
        time = stands()
      if (time !== null && time !== stood) {
        stood = time
        point([x, y])
      }
      context.beginPath()
      context.arc(x, y, CURSOR, 0, 2 * Math.PI)
      for (const [dx, dy] of Object.values(ARROWS)) {
        context.moveTo(x + GAP_INSIDE * dx, y + GAP_INSIDE * dy)
        context.lineTo(x + CURSOR * dx, y + CURSOR * dy)
      }
      for (const [color, wide] of [
        [ground, 5],
        [ink, 2.2],
      ]) {
        context.strokeStyle = color
        context.lineWidth = wide
        context.stroke()
      }
      if (corners.length)
        outline.setAttribute(
          "d",
          `M${drawn()
            .map((corner) => toScreen(corner).join())
            .join("L")}Z`,
        )
    },
    /** Says what is under the cursor: lines; null: no image; undefined: that is not known yet. */
    tell(lines) {
      told.hidden = !active
      if (!active || lines === undefined) return
      const count = corners.length ? drawn().length : 0
      const lead = count
        ? `Lasso of ${count} corner${count > 1 ? "s" : ""}${count < LEAST ? `, ${LEAST} close it` : ""} · `
        : ""
      const text = lead + (lines ? lines.join(", ") : "no image near here")
      if (told.textContent !== text) told.textContent = text
    },
  }
}
