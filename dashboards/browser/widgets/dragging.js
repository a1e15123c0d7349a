// A pointer over a picture of points: a click picks, a drag moves what is seen or draws a lasso around it.

const STILL = 5 // CSS pixels: what a hand moves during a click
const STRIDE = 4,
  CORNERS = 400 // CSS pixels between two corners of a lasso, and how many of them at most

// `begins()` says whether there is anything to drag, `draws()` whether a drag draws; `point(at)` follows a pointer (null:
// there is none), `shift(dx, dy)` moves what is seen, `pick(at, event)` and `lasso(corners, event)` are what was done; places are those of `local(event)`.
export function dragging(stage, outline, {local, begins = () => true, draws, point, shift, pick, lasso}) {
  let drag = null

  function circle() {
    outline.setAttribute(
      "d",
      drag?.corners.length > 1 ? `M${drag.corners.map((corner) => corner.join()).join("L")}Z` : "",
    )
  }

  function begin(event) {
    if (event.button !== 0 || !begins()) return
    const at = local(event)
    drag = {start: at, last: at, moved: false, corners: draws() ? [at] : []}
    stage.setPointerCapture(event.pointerId)
    stage.focus({preventScroll: true, focusVisible: false})
    event.preventDefault()
  }

  function move(event) {
    const at = local(event)
    if (!drag) return point(at)
    const [dx, dy] = [at[0] - drag.last[0], at[1] - drag.last[1]]
    if (!drag.moved && Math.hypot(at[0] - drag.start[0], at[1] - drag.start[1]) > STILL) {
      drag.moved = true
      point(null)
    }
    if (!drag.moved) return
    if (!drag.corners.length) {
      drag.last = at
      shift(dx, dy)
    } else if (Math.hypot(dx, dy) >= STRIDE) {
      drag.corners.push(at)
      drag.last = at
      circle()
    }
  }

  function end(event) {
    const done = drag
    drag = null
    circle()
    if (!done || event.type === "pointercancel") return
    point(local(event))
    if (!done.moved) pick(done.start, event)
    else if (done.corners.length > 2) {
      const every = Math.ceil(done.corners.length / CORNERS)
      lasso(
        done.corners.filter((_, index) => index % every === 0),
        event,
      )
    }
  }

  stage.addEventListener("pointerdown", begin)
  stage.addEventListener("pointermove", move)
  for (const name of ["pointerup", "pointercancel"]) stage.addEventListener(name, end)
  stage.addEventListener("pointerleave", () => point(null))

  return {
    get drawing() {
      return Boolean(drag?.corners.length)
    },
    stop() {
      drag = null
      circle()
    },
  }
}
