// What a pointer, the wheel and keys do on every map of points, and what is said of it.

import {dragging} from "./dragging.js"

const WAIT = 40 // ms between two reports of what is under the pointer
const ZOOMS = {"+": 1.25, "=": 1.25, "-": 0.8}

/**
 * `camera` does `toMap(spot)`, `approach(by, at)` and `shift(right, down)`. Of a map, `number()` is that of its points,
 * by which messages name them, `nearest(at)` a point near a spot, `where()` says which map a lasso is on, `about()`
 * what else is said of the point under the pointer, and `stands()` whether no point moves.
 */
export class Hand {
  pointed = null // the point that a pointer or a cursor is on
  #model
  #timer = 0
  #last = 0
  #said = "null"

  constructor(model, stage, camera, map) {
    this.#model = model
    this.stage = stage
    this.map = {about: () => [], stands: () => true, begins: () => true, draws: () => true, ...map}
    this.drag = dragging(stage, {
      begins: this.map.begins,
      draws: this.map.draws,
      point: (at) => this.point(at),
      shift: (right, down) => camera.shift(right, down),
      pick: (at, event) => this.pick(at, event),
      lasso: (corners, event) => this.lasso(corners.map(camera.toMap, camera), event),
    })
    this.camera = camera
    const wheel = (event) => {
      event.preventDefault()
      const by = Math.exp(-event.deltaY / (event.deltaMode ? 30 : 600))
      if (!this.drag.draws()) camera.approach(by, stage.local(event))
    }
    stage.element.addEventListener("wheel", wheel, {passive: false})
    model.on("remove", () => clearTimeout(this.#timer))
  }

  say(action, value = null) {
    this.#model.send_msg({action, value})
  }

  /** A pointer or a cursor is here (null: nowhere): it is told when the point there is another. */
  point(at) {
    clearTimeout(this.#timer)
    const wait = at ? Math.max(0, this.#last + WAIT - Date.now()) : 0
    this.#timer = setTimeout(() => {
      const {number, nearest, about, stands} = this.map
      this.#last = Date.now()
      this.pointed = at && stands() ? nearest(at) : null
      const value = this.pointed === null ? null : [number(), this.pointed, ...about()]
      if (String(value) === this.#said) return
      this.#said = String(value)
      this.say("hover", value)
      this.stage.draw()
    }, wait)
  }

  /** What a model's tip says of the point under the pointer; null: there is none, undefined: it says nothing yet. */
  facts({number, point, lines}) {
    if (this.pointed === null) return null
    return point === this.pointed && number === this.map.number() ? lines : undefined
  }

  pick(at, event) {
    const point = this.map.nearest(at)
    if (point !== null) this.say("pick", {number: this.map.number(), point, ...modifiers(event)})
  }

  /** Corners are on the map. */
  lasso(corners, event) {
    const [x, y] = [0, 1].map((k) => corners.map((corner) => corner[k]))
    this.say("lasso", {...this.map.where(), x, y, ...modifiers(event)})
  }

  /** Whether a key was one of every map; it comes nearer to what is at `at`. */
  key(event, at) {
    if (event.ctrlKey || event.metaKey || event.altKey) return false
    if (event.key === "Escape" && this.drag.draws()) this.drag.stop()
    else if (event.key in ZOOMS) this.camera.approach(ZOOMS[event.key], at)
    else return false
    return true
  }
}

const modifiers = ({shiftKey, ctrlKey, metaKey}) => ({shift: shiftKey, ctrl: ctrlKey || metaKey})

/** Keys in an element: what `does(event)` says it has used does nothing else. */
export function listen(element, does) {
  element.addEventListener("keydown", (event) => {
    if (!does(event)) return
    event.preventDefault()
    event.stopPropagation()
  })
}
