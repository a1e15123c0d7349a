// An image that a person draws on: what follows the hand is painted at once, and asked about as fast as it is answered.

import {useContext, useEffect, useLayoutEffect, useRef, useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {imageData, values} from "./bytes.js"
import {Card} from "./context.js"
import {drawingOf} from "./drawn.js"
import {Icon} from "./icon.js"
import {attributes, nodes} from "./node.js"

const TOOLS = [
  ["paint", "Paint", "Drag to paint"],
  ["erase", "Erase", "Drag to paint with the background"],
  ["shift", "Shift", "Drag to move the whole image; arrow keys move it by a pixel"],
]
const UNDO = "M3 6h6.5a3.5 3.5 0 0 1 0 7H6 M3 6l3-3 M3 6l3 3"
const RESET = {title: "As it is stored, every unit answering (Esc)"}
const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}

/** @param {import("../messages.d.ts").Drawing} message */
export function Drawing(message) {
  const {about, pixels, shape, disabled, context, children, ...rest} = message
  const [height, width, channels] = shape
  const gray = channels === 1
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null))
  const drawing = useRef(/** @type {ReturnType<typeof drawingOf> | null} */ (null))
  const hand = useRef(null) // where it was, where it began, and the place of the image then
  const [tool, take] = useState("paint")
  const [size, widen] = useState(2)
  const [ink, dip] = useState(gray ? "255" : "#ffffff")
  const [, redraw] = useState(0)
  const tell = useQuestions(message, () => drawing.current.pixels())
  const changed = () => {
    paint()
    redraw((count) => count + 1)
    tell(false)
  }
  const paint = () =>
    canvas.current.getContext("2d").putImageData(imageData(drawing.current.pixels(), shape), 0, 0)
  useLayoutEffect(() => {
    drawing.current = drawingOf(values(pixels, Uint8Array), shape)
    hand.current = null
    paint()
    redraw((count) => count + 1)
  }, [about])
  const color = () => {
    if (tool === "erase") return drawing.current.fill
    return gray ? [Number(ink)] : [1, 3, 5].map((at) => Number.parseInt(ink.slice(at, at + 2), 16))
  }
  const spot = ({clientX, clientY}) => {
    const box = canvas.current.getBoundingClientRect()
    return [((clientX - box.left) / box.width) * width, ((clientY - box.top) / box.height) * height]
  }
  const down = (event) => {
    if (event.button || hand.current || disabled) return
    canvas.current.setPointerCapture(event.pointerId)
    drawing.current.begin()
    const from = spot(event)
    hand.current = {from, began: from, place: {...drawing.current.place}}
    if (tool !== "shift") drawing.current.stroke(from, from, size / 2, color())
    changed()
  }
  const move = (event) => {
    if (!hand.current) return
    const {from, began, place} = hand.current
    const to = spot(event)
    const [right, below] = [0, 1].map((axis) => Math.round(to[axis] - began[axis]))
    if (tool === "shift") drawing.current.move({right: place.right + right, down: place.down + below})
    else drawing.current.stroke(from, to, size / 2, color())
    hand.current.from = to
    changed()
  }
  const lift = () => {
    hand.current = null
  }
  const turn = (event) => {
    if (!hand.current) drawing.current.begin()
    hand.current = {}
    drawing.current.move({angle: Number(event.target.value)})
    changed()
  }
  const undo = () => {
    drawing.current.undo()
    changed()
  }
  const reset = () => {
    drawing.current.reset()
    paint()
    redraw((count) => count + 1)
    tell(true)
  }
  const {changed: drawn, place} = drawing.current ?? {changed: false, place: {angle: 0}}
  const press = (event) => {
    if (disabled) return
    const by = event.target === canvas.current && ARROWS[event.key]
    if (event.key === "Escape" && (drawn || context)) reset()
    else if (event.key === "z" && (event.ctrlKey || event.metaKey) && drawn) undo()
    else if (by) {
      drawing.current.begin()
      drawing.current.move({right: place.right + by[0], down: place.down + by[1]})
      changed()
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
  const [tools, ...others] = nodes(children)
  const range = (word, name, low, high, value, more) => {
    const field = {type: "range", min: low, max: high, value, "aria-label": name, ...more}
    return h("label", {}, h("span", {class: "quiet"}, word), h("input", field))
  }
  const choose = ([name, text, title]) =>
    h("button", {type: "button", title, "aria-pressed": name === tool, onClick: () => take(name)}, text)
  const dyes = {onInput: (event) => dip(event.target.value)}
  const swatch = {type: "color", value: ink, "aria-label": "Color", ...dyes}
  const bar = h(
    "div",
    {class: "tools"},
    h("div", {class: "segmented", role: "group", "aria-label": "Tool"}, TOOLS.map(choose)),
    range("Brush", "Brush, in pixels", 1, Math.max(4, Math.round(width / 4)), size, {
      onInput: (event) => widen(Number(event.target.value)),
    }),
    gray
      ? range("Gray", "Gray, 0 to 255", 0, 255, ink, dyes)
      : h("label", {}, h("span", {class: "quiet"}, "Color"), h("input", swatch)),
    range("Turn", "Turn, in degrees", -180, 180, place.angle, {step: 5, onInput: turn, onChange: lift}),
    h("output", {class: "quiet"}, `${place.angle}°`),
    h(
      "button",
      {
        type: "button",
        class: "plain",
        title: "Undo (Ctrl+Z)",
        "aria-label": "Undo (Ctrl+Z)",
        disabled: !drawn,
        onClick: undo,
      },
      h(Icon, {path: UNDO}),
    ),
    h(
      "button",
      {type: "button", class: "chip", ...RESET, disabled: !drawn && !context, onClick: reset},
      "Reset",
    ),
    tools,
  )
  const easel = h("canvas", {
    ...attributes(rest),
    width,
    height,
    tabIndex: 0,
    role: "application",
    "data-tool": tool,
    style: `aspect-ratio: ${width} / ${height}`,
    ref: canvas,
    onPointerDown: down,
    onPointerMove: move,
    onPointerUp: lift,
    onPointerCancel: lift,
  })
  return h(
    "div",
    {class: "drawing", onKeyDown: press},
    disabled ? null : bar,
    h("div", {class: "parts"}, easel, others),
  )
}

/**
 * A function that asks about what is drawn now; while an answer is awaited, once more when it is there.
 * @param {import("../messages.d.ts").Drawing} message
 * @param {() => Uint8ClampedArray} image
 */
function useQuestions({act, about, answer, context, disabled}, image) {
  const {say} = useContext(Card)
  const last = useRef({number: Date.now(), waiting: false, stale: false}) // greater than before a page was left
  const tell = (reset) => {
    const now = last.current
    if (disabled) return
    now.stale = now.waiting && !reset
    if (now.stale) return
    now.waiting = true
    now.number += 1
    say(act, {about, number: now.number, image: base64(image()), reset})
  }
  useEffect(() => {
    last.current.waiting = false
    tell(false)
  }, [about, context, disabled])
  useEffect(() => {
    if (answer !== last.current.number) return
    last.current.waiting = false
    if (last.current.stale) tell(false)
  }, [answer])
  return tell
}

function base64(bytes) {
  let text = ""
  for (let at = 0; at < bytes.length; at += 4096)
    text += String.fromCharCode(...bytes.subarray(at, at + 4096))
  return btoa(text)
}
