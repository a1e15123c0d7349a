// A pointer over points: a click picks, a drag moves what is seen or draws a lasso around it.

const STILL = 5 // CSS pixels: what a hand moves during a click
const [STRIDE, CORNERS] = [4, 400] // CSS pixels between two corners of a lasso, and how many of them at most

/**
 * `begins()` says whether there is anything to drag, `draws()` whether a drag draws; `point(at)` follows a pointer
 * (null: there is none), `shift(right, down)` moves what is seen, `pick` and `lasso` are what was done.
 */
export function dragging(stage, {begins, draws, point, shift, pick, lasso}) {
  let drag = null

  function begin(event) {
    if (event.button !== 0 || !begins()) return
    const at = stage.local(event)
    drag = {start: at, last: at, moved: false, corners: draws() ? [at] : []}
    stage.element.setPointerCapture(event.pointerId)
    stage.element.focus({preventScroll: true, focusVisible: false})
    event.preventDefault()
  }

  function move(event) {
    const at = stage.local(event)
    if (!drag) return point(at)
    const {start, last, corners} = drag
    if (!drag.moved && Math.hypot(at[0] - start[0], at[1] - start[1]) > STILL) {
      drag.moved = true
      point(null)
    }
    const [right, down] = [at[0] - last[0], at[1] - last[1]]
    if (!drag.moved || (corners.length && Math.hypot(right, down) < STRIDE)) return
    drag.last = at
    if (!corners.length) return shift(right, down)
    corners.push(at)
    stage.sketch(corners)
  }

  function end(event) {
    const done = drag
    stop()
    if (!done || event.type === "pointercancel") return
    point(stage.local(event))
    if (!done.moved) return pick(done.start, event)
    const every = Math.ceil(done.corners.length / CORNERS)
    const corners = done.corners.filter((_, index) => index % every === 0)
    if (corners.length > 2) lasso(corners, event)
  }

  function stop() {
    if (drag) stage.sketch([])
    drag = null
  }

  stage.element.addEventListener("pointerdown", begin)
  stage.element.addEventListener("pointermove", move)
  for (const name of ["pointerup", "pointercancel"]) stage.element.addEventListener(name, end)
  stage.element.addEventListener("pointerleave", () => point(null))
  return {draws: () => Boolean(drag?.corners.length), stop}
}
