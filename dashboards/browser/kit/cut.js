// A part of an image, and blank what lies beyond it.

import {h} from "../vendor/preact/preact.mjs"
import {imageData, values} from "./bytes.js"
import {color, useTheme} from "./theme.js"

/** @param {import("../messages.d.ts").Cut} message */
export function Cut({pixels, shape, box: [top, left, height, width]}) {
  useTheme()
  const draw = (canvas) => {
    if (!canvas) return
    const context = canvas.getContext("2d")
    context.fillStyle = color("sunken")
    context.fillRect(0, 0, width, height)
    context.putImageData(imageData(values(pixels, Uint8Array), shape), -left, -top)
  }
  return h("canvas", {class: "cut", width, height, "aria-hidden": "true", ref: draw})
}
