// An image, and the window of it that a map is pointed at.

import {useContext, useLayoutEffect, useRef} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {imageData, values} from "./bytes.js"
import {Pointed} from "./context.js"

const percent = (part, whole) => `${(100 * part) / whole}%`

/** A canvas that `draw` fills with pixels, again where something that they are `of` is another. */
export function Pixels({size: [height, width], draw, of, ...attributes}) {
  const canvas = useRef(null)
  const fill = () => canvas.current.getContext("2d").putImageData(draw(), 0, 0)
  useLayoutEffect(fill, [height, width, ...of])
  return h("canvas", {width, height, role: "img", ...attributes, ref: canvas})
}

/** @param {import("../messages.d.ts").Picture} message */
export function Picture({pixels, shape, marked, label, style}) {
  const {at} = useContext(Pointed)
  const [height, width] = shape
  const draw = () => imageData(values(pixels, Uint8Array), shape)
  const canvas = h(Pixels, {
    size: shape,
    draw,
    of: [pixels],
    class: "image",
    "aria-label": label,
    style: `aspect-ratio: ${width} / ${height}; ${style ?? ""}`,
  })
  if (!marked) return canvas
  const mark = at?.kind === "heat" && at.windows ? windowStyle(at) : null
  return h(
    "div",
    {class: "frame", style: `aspect-ratio: ${width} / ${height}`},
    canvas,
    mark && h("i", {class: "mark", style: mark}),
  )
}

/** @param {import("./context.js").Cell} cell */
function windowStyle({windows: {top, left, side, shape}, v, u}) {
  const [height, width] = shape
  return {
    top: percent(top[v], height),
    left: percent(left[u], width),
    width: percent(side, width),
    height: percent(side, height),
  }
}
