// Maps that are enlarged under the pointer.

import {useLayoutEffect, useMemo, useRef, useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {attributes, nodes} from "./node.js"

const LONGER = 232 // CSS pixels of its longer side
const GAP = 10 // between a map and the lens
const MAPS = "canvas.map:not(.scale *)"

/** @param {import("../messages.d.ts").Lens} message */
export function Lens({children, ...rest}) {
  const around = useRef(null)
  const [map, look] = useState(/** @type {HTMLCanvasElement | null} */ (null))
  const content = useMemo(() => nodes(children), [children])
  const over = ({target, pointerType}) => look(pointerType === "mouse" ? target.closest(MAPS) : null)
  const leave = () => look(null)
  return h(
    "div",
    {...attributes(rest), onPointerOver: over, onPointerLeave: leave, onPointerDown: leave, ref: around},
    content,
    map?.isConnected ? h(Enlarged, {map, around}) : null,
  )
}

/** A copy of a map with its name, beside it and inside what is `around`. */
function Enlarged({map, around}) {
  const box = useRef(/** @type {HTMLElement | null} */ (null))
  const {width, height} = map
  const scale = LONGER / Math.max(width, height)
  useLayoutEffect(() => {
    const {style, offsetWidth: wide, offsetHeight: tall, firstChild} = box.current
    const canvas = /** @type {HTMLCanvasElement} */ (firstChild)
    canvas.getContext("2d").drawImage(map, 0, 0)
    const [here, room] = [map, around.current].map((element) => element.getBoundingClientRect())
    const right = here.right - room.left + GAP
    const left = here.left - room.left - GAP - wide
    style.left = `${right + wide <= room.width ? right : Math.max(0, left)}px`
    style.top = `${Math.max(0, Math.min(here.top - room.top, room.height - tall))}px`
  })
  return h(
    "div",
    {class: "lens", "aria-hidden": "true", ref: box},
    h("canvas", {width, height, style: `width: ${width * scale}px; height: ${height * scale}px`}),
    h("p", {class: "quiet"}, map.getAttribute("aria-label")),
  )
}
