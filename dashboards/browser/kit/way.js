// A way from one image to another: stacked areas of what is said on it, its images, and a slider. It plays here.

import {useContext, useEffect, useLayoutEffect, useRef, useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {imageData, values} from "./bytes.js"
import {Card} from "./context.js"
import {Icon} from "./icon.js"
import {nodes} from "./node.js"
import {Pixels} from "./picture.js"
import {useRoom} from "./room.js"
import {Shortcut, useShortcut} from "./shortcut.js"

// CSS pixels: above and below the areas; of an image, at most and at least; of the slider's thumb.
const [TOP, FOOT, TARGET, LEAST, THUMB] = [20, 2, 52, 30, 16]
const LASTS = 4000 // milliseconds that a way plays
const [PLAY, PAUSE] = ["M4 2.5 L13 8 L4 13.5 Z", "M5 3 V13 M11 3 V13"]

/** @param {import("../messages.d.ts").Way} message */
export function Way(message) {
  const {act, sample, title, note, below, pixels, positions, answers, areas, children} = message
  const {say} = useContext(Card)
  const {box, width, height} = useRoom()
  const range = useRef(/** @type {HTMLInputElement | null} */ (null))
  const [step, take] = useState(/** @type {number | null} */ (null))
  const [playing, play] = useState(false)
  const [dragging, drag] = useState(false)
  const last = positions.length - 1
  const room = width ? planned(message, width, height) : null
  const go = (to) => {
    const next = to === null ? null : Math.max(0, Math.min(last, to))
    if (next === step) return
    take(next)
    say(act, {sample, step: next})
  }
  const choose = (to) => {
    play(false)
    go(to)
  }
  const toggle = () => {
    if (!playing) go(step === null || step === last ? 0 : step)
    play(!playing)
  }
  useLayoutEffect(() => {
    play(false)
    take(null)
  }, [pixels])
  useLayoutEffect(() => {
    if (!width && step !== null) choose(null) // the tab was left: the image card shows the image again
  }, [width])
  useEffect(() => {
    if (!playing) return
    const next = () => (step === null || step >= last ? play(false) : go(step + 1))
    const timer = setTimeout(next, LASTS / (last + 1))
    return () => clearTimeout(timer)
  }, [playing, step])
  useShortcut(step === null ? "" : "Esc", () => choose(null), box)
  const point = ({currentTarget, clientX}) => {
    const u = (clientX - currentTarget.getBoundingClientRect().left - room.x(0)) / (room.x(1) - room.x(0))
    choose(Math.round(Math.max(0, Math.min(1, u)) * last))
  }
  const begin = (event) => {
    drag(true)
    event.currentTarget.setPointerCapture(event.pointerId)
    event.preventDefault()
    range.current.focus()
    point(event)
  }
  const pointing = {
    onPointerDown: begin,
    onPointerMove: (event) => dragging && point(event),
    onPointerUp: () => drag(false),
    onPointerCancel: () => drag(false),
  }
  const hint = (index) => `${positions[index].toFixed(2)} of the way: ${answers[index]}`
  const key = h(Shortcut, {name: "Esc"})
  const back = h("button", {type: "button", class: "chip", onClick: () => choose(null)}, "Back", key)
  const label = playing ? "Pause" : "Play the way"
  const areasAt =
    room &&
    h("svg", {class: "chart", viewBox: `0 0 ${width} ${height}`, ...pointing}, chart(message, room, step))
  return h(
    "div",
    {class: "walk grow"},
    h(
      "div",
      {},
      h(
        "div",
        {class: "top"},
        h("div", {class: "sentence", role: "status"}, h("h3", {}, title)),
        step !== null && back,
      ),
      h("p", {class: "quiet note"}, note),
    ),
    h(
      "div",
      {class: "tools"},
      h(
        "button",
        {type: "button", class: "chip play", title: label, "aria-label": label, onClick: toggle},
        h(Icon, {path: playing ? PAUSE : PLAY}),
      ),
      nodes(children),
      h("p", {class: "quiet legend"}, areas.map(entry)),
    ),
    h(
      "div",
      {class: "way"},
      h("div", {class: "plot", ref: box}, areasAt),
      room &&
        h(
          "div",
          {class: "strip", style: `height: ${room.tile[0] + 4}px`},
          pictures(message, room, step, hint, choose),
        ),
      h(
        "div",
        {class: "along"},
        h("input", {
          type: "range",
          min: 0,
          max: last,
          step: 1,
          value: step ?? 0,
          ref: range,
          "aria-label": "Step of the way",
          "aria-valuetext": hint(step ?? 0),
          style: room && `left: ${room.x(0) - THUMB / 2}px; width: ${room.x(1) - room.x(0) + THUMB}px`,
          onInput: (event) => choose(Number(event.target.value)),
        }),
      ),
    ),
    h("p", {class: "quiet how"}, below),
  )
}

const shade = (color) => color || "var(--dv-line)"

function entry({name, short, color}) {
  return h("span", {title: name}, h("span", {class: "swatch", style: `background: ${shade(color)}`}), short)
}

/** Where all stands: as many images as fit with the ends among them, all, every second or every fourth. */
function planned({positions, shape}, width, height) {
  const [high, wide] = shape
  const last = positions.length - 1
  const one = (width - 4) / Math.max(1, last)
  const every = [1, 2, 4, 5, 10].find((skip) => last % skip === 0 && one * skip >= LEAST) ?? last
  const side = Math.max(8, Math.min(TARGET, (width - 4) / (last / every + 1) - 2))
  const tile = [high, wide].map((each) => (each * side) / Math.max(high, wide))
  const tall = height - TOP - FOOT
  const x = (u) => tile[1] / 2 + 2 + u * (width - tile[1] - 4)
  return {every, tile, tall, x, y: (share) => TOP + (1 - share) * tall}
}

function pictures({pixels, shape, positions}, {every, tile, x}, step, hint, choose) {
  const [bytes, size] = [values(pixels, Uint8Array), shape[0] * shape[1] * shape[2]]
  const look = `width: ${tile[1]}px; height: ${tile[0]}px; image-rendering: ${tile[0] < shape[0] ? "auto" : "pixelated"}`
  return positions.map((u, index) => {
    if (index % every) return null
    return h(Pixels, {
      key: index,
      size: shape,
      draw: () => imageData(bytes.subarray(index * size, (index + 1) * size), shape),
      of: [pixels],
      "data-step": index,
      "aria-current": index === step ? "step" : undefined,
      title: hint(index),
      "aria-label": hint(index),
      style: `left: ${x(u) - tile[1] / 2}px; ${look}`,
      onClick: () => choose(index === step ? null : index),
    })
  })
}

function chart(message, room, step) {
  const {x, y} = room
  const tick = (share) => h("text", {x: x(0) - 5, y: y(share) + (share ? 9 : 0), "text-anchor": "end"}, share)
  const here = step === null ? 0 : x(message.positions[step])
  const visibility = step === null ? "hidden" : "visible"
  const now = ["halo now", "now"].map((look) =>
    h("line", {class: look, x1: here, x2: here, y1: TOP - 4, y2: y(0), visibility}),
  )
  return [areasOf(message, room), changesOf(message, room), tick(0), tick(1), now]
}

/** Areas, and the names of those that are wide enough above them all. */
function areasOf({points, areas}, {x, y, tall}) {
  const floor = points.map(() => 0)
  const [made, names] = [[], []]
  for (const {name, short, color, value} of areas) {
    const below = [...floor]
    value.forEach((share, index) => {
      floor[index] += share
    })
    const edge = (heights) => points.map((u, index) => `${x(u)},${y(Math.min(1, heights[index]))}`)
    const outline = [...edge(floor), ...edge(below).reverse()].join(" ")
    const look = {class: color ? "area" : "area rest", style: color ? `fill: ${color}` : undefined}
    made.push(h("polygon", {...look, "data-name": name, points: outline}, h("title", {}, name)))
    const most = value.indexOf(Math.max(...value))
    if (value[most] * tall < 18 || around(points, value, most, x, tall) < 5 * short.length) continue
    const at = points[most]
    const anchor = at < 0.2 ? "start" : at > 0.8 ? "end" : "middle"
    const left = {start: Math.max(x(at), x(0) + 8), end: Math.min(x(at), x(1) - 8), middle: x(at)}[anchor]
    const place = {x: left, y: y(below[most] + value[most] / 2) + 4, "text-anchor": anchor}
    names.push(h("text", {class: color ? "named" : "named rest-name", ...place}, short))
  }
  return [made, names]
}

/** Over how many pixels an area is as high as its name, around where it is highest. */
function around(points, value, most, x, tall) {
  const high = (index) => value[index] * tall >= 14
  let [first, last] = [most, most]
  while (first > 0 && high(first - 1)) first--
  while (last < value.length - 1 && high(last + 1)) last++
  return x(points[last]) - x(points[first])
}

/** Names of neighboring changes that would lie over each other are left to the sentence and the hint. */
function changesOf({changes}, {x, y}) {
  let free = Number.NEGATIVE_INFINITY
  return changes.map(({position, text}) => {
    const [at, words] = [x(position), `${text}  ${position.toFixed(3).replace(/^0/, "")}`]
    const wide = 6.2 * words.length
    const left = Math.max(x(0), Math.min(x(1) - wide, at - wide / 2))
    const line = {x1: at, x2: at, y1: TOP - 4, y2: y(0)}
    const lines = [
      h("line", {class: "halo", ...line}),
      h("line", {class: "flip", "data-position": position, ...line}, h("title", {}, words)),
    ]
    if (left < free) return lines
    free = left + wide + 8
    return [...lines, h("text", {class: "flip-name", x: left, y: 11}, words)]
  })
}
