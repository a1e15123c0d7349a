// Signed maps on canvases, in the colors of the kit.

import {h} from "./dom.js"

/** A canvas of int8 values in the colors of a palette. */
export function signedMap(values, [height, width], palette, label) {
  const canvas = h("canvas", {class: "map", width, height, role: "img", "aria-label": label})
  const image = new ImageData(width, height)
  values.forEach((value, pixel) => image.data.set([...palette[Math.max(-127, value) + 127], 255], 4 * pixel))
  canvas.getContext("2d").putImageData(image, 0, 0)
  return canvas
}

/** The scale itself, from one end to the other. */
export function scaleStrip(palette) {
  return signedMap(
    Array.from({length: 255}, (_, index) => index - 127),
    [1, 255],
    palette,
    "The scale of the colors",
  )
}
