// An image, which steps back as what lies over it comes forward.

import {useEffect, useRef, useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {imageData, values} from "./bytes.js"
import {cardOf} from "./help_button.js"
import {attributes, nodes} from "./node.js"
import {Pixels} from "./picture.js"

// For and against, the ends of the diverging scale of either theme: on dark images, and on light ones.
const BRIGHT = [
  [124, 192, 255],
  [255, 159, 87],
]
const DEEP = [
  [8, 81, 156],
  [179, 71, 0],
]

/** @param {import("../messages.d.ts").Overlay} message */
export function Overlay({pixels, shape, values: held, text, sides, children, main, label, ...rest}) {
  const [opacity, set] = useState(0.6)
  const box = useRef(null)
  useEffect(() => {
    if (!main) return
    const ask = () => {
      const detail = {card: cardOf(box.current), kind: "png", link: true}
      document.dispatchEvent(new CustomEvent("dv-picture", {detail}))
    }
    document.addEventListener("dv-picture-of-image", ask)
    return () => document.removeEventListener("dv-picture-of-image", ask)
  }, [main])
  const bytes = values(pixels, Uint8Array)
  const dark = bytes.reduce((sum, value) => sum + value, 0) < 128 * bytes.length
  const colors = dark ? BRIGHT : DEEP
  const map = values(held, Int8Array)
  const draw = () => laid(imageData(bytes, shape), map, colors, dark ? 0 : 255, opacity)
  const picture = h(Pixels, {
    size: shape,
    draw,
    of: [pixels, held, opacity],
    class: "picture",
    "aria-label": label,
  })
  const [button, ...below] = nodes(children)
  const slider = h("input", {
    type: "range",
    min: 0,
    max: 100,
    value: 100 * opacity,
    "aria-label": "Opacity of the explanation",
    onInput: (event) => set(event.currentTarget.value / 100),
  })
  const [first, second] = sides
  const side = (name, at) =>
    h("span", {}, h("i", {class: "swatch", style: `background: rgb(${colors[at]})`}), `for ${name}`)
  const hint = `What speaks for ${first}, and what for ${second}`
  const bar = h("div", {class: "overlay"}, h("span", {class: "quiet", title: text}, text), slider, button)
  const key = second && h("p", {class: "quiet sides", title: hint}, sides.map(side))
  return h("div", {...attributes(rest), ref: box}, picture, below, map.length ? [bar, key] : null)
}

/** Pixels between their own color and that of the map; what does not count becomes ground. */
function laid(image, map, colors, ground, opacity) {
  for (const [pixel, value] of map.entries()) {
    const color = colors[value < 0 ? 1 : 0]
    const share = opacity * (Math.abs(value) / 127) ** 0.6
    for (let channel = 0; channel < 3; channel++) {
      const own = image.data[4 * pixel + channel]
      const back = own + (ground - own) * 0.5 * opacity
      image.data[4 * pixel + channel] = back + (color[channel] - back) * share
    }
  }
  return image
}
