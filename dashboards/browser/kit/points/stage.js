// What a map of points stands on: canvases, names, a lasso and rings, drawn once a frame.

import {h, render} from "../../vendor/preact/preact.mjs"
import {followTheme} from "../theme.js"
import {layout} from "./labels.js"

const ring = (name) => h("i", {class: `ring ${name}`, hidden: true})

/** Spots are [x, y], in CSS pixels of it. `below` and `above` are how many canvases lie below names and above. */
export class Stage {
  size = [0, 0]
  #pending = 0

  /** `paint(now)` draws a frame; `dress()` is called where the theme or the size has changed. */
  constructor(model, {below = 0, above = 0, label = "", paint, dress = () => {}}) {
    const root = document.createElement("div")
    const canvases = (count) => Array.from({length: count}, () => h("canvas"))
    const parts = [
      canvases(below),
      h("div", {class: "names", "aria-hidden": "true"}),
      canvases(above),
      h("svg", {"aria-hidden": "true"}, h("path", {class: "lasso"})),
      ["hover", "focus"].map(ring),
    ]
    const named = {class: "stage", tabIndex: 0, role: "application", "aria-label": label}
    render(h("div", named, parts), root)
    const find = (selector) => /** @type {HTMLElement} */ (root.querySelector(selector))
    this.element = find(".stage")
    this.names = find(".names")
    this.lasso = find(".lasso")
    this.rings = [find(".hover"), find(".focus")]
    this.canvases = [...root.querySelectorAll("canvas")]
    this.paint = paint
    const anew = () => {
      dress()
      this.draw()
    }
    const resized = new ResizeObserver(() => {
      this.size = [this.element.clientWidth, this.element.clientHeight]
      anew()
    })
    resized.observe(this.element)
    const unfollow = followTheme(anew)
    model.on("remove", () => {
      resized.disconnect()
      unfollow()
      cancelAnimationFrame(this.#pending)
    })
  }

  /** A reference for the element that it stands in. */
  mount = (element) => element?.append(this.element)

  /** Paints in the next frame, once for all calls before it. */
  draw = () => {
    this.#pending ||= requestAnimationFrame((now) => {
      this.#pending = 0
      const [width, height] = this.size.map((length) => Math.round(length * this.ratio))
      if (!width || !height) return
      for (const canvas of this.canvases)
        if (canvas.width !== width || canvas.height !== height)
          [canvas.width, canvas.height] = [width, height]
      this.paint(now)
    })
  }

  get ratio() {
    return window.devicePixelRatio || 1
  }

  get middle() {
    return this.size.map((length) => length / 2)
  }

  /** The spot of a pointer. */
  local({clientX, clientY}) {
    const {left, top} = this.element.getBoundingClientRect()
    return [clientX - left, clientY - top]
  }

  holds([x, y]) {
    return x >= 0 && y >= 0 && x <= this.size[0] && y <= this.size[1]
  }

  /** The nearest spot in sight. */
  clamped(at) {
    return at.map((value, k) => Math.max(0, Math.min(this.size[k], value)))
  }

  /** The context of a canvas, cleared, in CSS pixels. */
  cleared(canvas) {
    const context = canvas.getContext("2d")
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0)
    context.clearRect(0, 0, ...this.size)
    return context
  }

  /** Has these names, {text, color}, which `spread` places. */
  name(names) {
    const frame = ({text, color}) => h("span", {style: {borderColor: color}}, text)
    render(names.map(frame), this.names)
  }

  /** Places the names at {index, text, at}, in the order in which they have room. */
  spread(spots) {
    const places = layout(spots, this.size)
    spots.forEach(({index}, turn) => put(this.names.children[index], places[turn]))
  }

  /** Rings what is under the pointer, and what is under study; null: it is nowhere. */
  ring(...spots) {
    this.rings.forEach((element, index) => put(element, spots[index]))
  }

  /** Draws a lasso; none without corners. */
  sketch(corners) {
    this.lasso.setAttribute("d", corners.length > 1 ? `M${corners.map((at) => at.join()).join("L")}Z` : "")
  }
}

/** Moves an element to a spot; without one it is hidden. */
export function put(element, at) {
  element.hidden = !at
  if (at) element.style.translate = `${at[0]}px ${at[1]}px`
}
