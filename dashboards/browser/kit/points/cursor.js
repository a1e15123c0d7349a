// A cursor of keys on a flat map: arrows move it, Enter does what a click there does, L sets corners of a lasso.

import {h, render} from "../../vendor/preact/preact.mjs"
import {put} from "./stage.js"

const [STEP, LEAP] = [12, 60] // CSS pixels of an arrow, and of a long one
const LEAST = 3 // corners of a lasso
const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}
const MARK = "M-11,0a11,11 0 1 0 22,0a11,11 0 1 0 -22,0M-11,0h7M4,0h7M0,-11v7M0,4v7"

/**
 * `begins()` is a spot where it begins, if there is one, and `moment()` what is shown while that stands, else null.
 * Where arrows do something else, those with Shift are its own, and it is not there before the first of them.
 */
export function cursor(stage, camera, hand, {begins, moment, shifted = false}) {
  let [here, corners, active, stood] = [null, [], false, null] // places on the map
  const [mark, words] = ["i", "p"].map((tag) => document.createElement(tag))
  mark.className = "cursor"
  words.className = "under"
  words.ariaLive = "polite"
  mark.hidden = words.hidden = true
  const path = (look) => h("path", {class: look, d: MARK})
  render(h("svg", {viewBox: "-14 -14 28 28", "aria-hidden": "true"}, path("halo"), path("")), mark)
  stage.element.append(mark, words)

  const spot = () => (active ? camera.toScreen(here) : undefined)
  const closed = () => (String(corners.at(-1)) === String(here) ? corners : [...corners, here])

  /** Where it was, if that is in sight, or where it begins. */
  function appear() {
    if (!here || !stage.holds(camera.toScreen(here)))
      here = camera.toMap(stage.clamped(begins() ?? stage.middle))
    active = true
    hand.point(spot())
    stage.draw()
  }

  function move([right, down], pixels) {
    if (!active) return appear()
    const [x, y] = spot()
    here = camera.toMap(stage.clamped([x + right * pixels, y + down * pixels]))
    hand.point(spot())
  }

  function enter(event) {
    const lasso = closed()
    if (!corners.length) return hand.pick(spot(), event)
    if (lasso.length < LEAST) return
    drop()
    hand.lasso(lasso, event)
  }

  function drop() {
    if (corners.length) stage.sketch([])
    corners = []
  }

  function leave() {
    if (!active) return
    active = false
    drop()
    hand.point(null)
    stage.draw()
  }

  stage.element.addEventListener("blur", leave)
  stage.element.addEventListener("pointerdown", leave)
  stage.element.addEventListener("focus", () => {
    if ((here || !shifted) && stage.element.matches(":focus-visible")) appear()
  })

  return {
    drop,
    spot,
    /** Another map is shown: where it was means nothing there. */
    forget() {
      here = null
      leave()
    },
    /** Whether a key was one of its own. */
    key(event) {
      const {key, shiftKey: shift, altKey} = event
      const ctrl = event.ctrlKey || event.metaKey
      const [moves, far] = shifted ? [shift, ctrl] : [!ctrl, shift]
      if (altKey || event.composedPath()[0] !== stage.element) return false
      if (key in ARROWS && moves) move(ARROWS[key], far ? LEAP : STEP)
      else if (!active) return false
      else if (key === "Enter") enter(event)
      else if (!ctrl && key.toLowerCase() === "l") corners = closed()
      else if (key === "Escape" && corners.length) drop()
      else return false
      stage.draw()
      return true
    },
    /** Draws it and its lasso; at another moment there is something else under it. */
    paint() {
      put(mark, spot())
      if (corners.length) stage.sketch(closed().map(camera.toScreen, camera))
      const now = moment()
      if (!active || now === null || now === stood) return
      stood = now
      hand.point(spot())
    },
    /** Says what is under it, in lines; null: no image, undefined: that is not known yet. */
    tell(lines) {
      words.hidden = !active
      if (!active || lines === undefined) return
      const count = corners.length ? closed().length : 0
      const more = count < LEAST ? `, ${LEAST} close it` : ""
      const lasso = count ? `Lasso of ${count} corner${count > 1 ? "s" : ""}${more} · ` : ""
      const text = lasso + (lines?.join(", ") ?? "no image near here")
      if (words.textContent !== text) words.textContent = text
    },
  }
}
