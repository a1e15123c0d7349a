// A canvas that is painted anew whenever what it shows has changed, or the theme.

import {useLayoutEffect, useRef} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {color, useTheme} from "./theme.js"

/** Of a width and a height in CSS pixels, as which `paint(context)` measures; `inputs` are what it depends on. */
export function Painting({width, height, paint, inputs, ...attributes}) {
  useTheme()
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null))
  const ratio = window.devicePixelRatio || 1
  useLayoutEffect(() => {
    const context = canvas.current.getContext("2d")
    canvas.current.width = Math.round(width * ratio)
    canvas.current.height = Math.round(height * ratio)
    context.scale(ratio, ratio)
    context.font = `11px ${getComputedStyle(canvas.current).fontFamily}`
    paint(context, ratio)
  }, [width, height, ratio, color("surface"), ...inputs])
  return h("canvas", {class: "painting", "aria-hidden": "true", ...attributes, ref: canvas})
}
