// An image in a frame of its class's color.

import {useContext} from "../vendor/preact/hooks.mjs"
import {createContext, h} from "../vendor/preact/preact.mjs"
import {imageData, values} from "./bytes.js"
import {Pixels} from "./picture.js"

export const BORDER = 2 // CSS pixels of a frame
const CORNER = 12 // of the triangle in the upper right one

/** CSS pixels that images in frames have at most, where what they stand on has no room for more. */
export const Side = createContext(Number.POSITIVE_INFINITY)

/**
 * Height and width near `side` CSS pixels, of whole device pixels for each of the image where it grows.
 * @param {number[]} shape
 * @param {number} side
 */
export function fitted([height, width], side, ratio = window.devicePixelRatio || 1) {
  const scale = (side * ratio) / Math.max(height, width)
  const factor = scale >= 1 ? Math.round(scale) / ratio : side / Math.max(height, width)
  return [factor * height, factor * width]
}

/** @param {import("../messages.d.ts").Thumbnail} message */
export function Thumbnail({pixels, shape, color, corner, side, words, label}) {
  const most = useContext(Side)
  const whole = fitted(shape, Math.min(side, most))
  const [height, width] = whole.map((each) => each * Math.min(1, most / Math.max(...whole)))
  const draw = () => imageData(values(pixels, Uint8Array), shape)
  const smooth = height < shape[0] ? "auto" : "pixelated"
  const size = `width: ${width}px; height: ${height}px; image-rendering: ${smooth}`
  const hidden = {role: label ? "img" : undefined, "aria-label": label, "aria-hidden": !label}
  const [bare, line] = ["transparent calc(50% - 1.5px)", "#fff 0 50%"]
  const triangle = `background: linear-gradient(to top right, ${bare}, ${line}, ${corner} 0); width: ${CORNER}px; height: ${CORNER}px`
  return h(
    "span",
    {class: "framed", style: `border: ${BORDER}px solid ${color}`},
    words
      ? h("span", {class: "words", dir: "auto", style: size, ...hidden}, words)
      : h(Pixels, {size: shape, draw, of: [pixels], style: size, ...hidden}),
    corner ? h("i", {class: "corner", style: triangle}) : null,
  )
}
