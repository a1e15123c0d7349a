// A matrix of very many cells: painted, enlarged by the wheel and moved by the hand, with names beside it.

import {useMemo, useRef, useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {values} from "./bytes.js"
import {colored} from "./heat.js"
import {Origin} from "./origin.js"
import {Painting} from "./painting.js"
import {useRoom} from "./room.js"
import {color, useTheme} from "./theme.js"
import {Tip} from "./tip.js"

const [BESIDE, OVER] = [92, 84] // CSS pixels of the names
const LINE = 13 // from one name to the next, at least
const STILL = 5 // that a hand moves during a click
const LEAST = 4 // rows that are seen, however enlarged
const ARROWS = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]}

const clamp = (value, low, high) => Math.max(low, Math.min(high, value))
const count = (number) => number.toLocaleString("en")

/** `ask(row, column, event)`, where one is null for all of a column or a row; `bulk` is of the message. */
export function Field({message, bulk, ask}) {
  useTheme()
  const {heads, sides, levels, frames, note, label} = message
  const rows = heads.length
  const {box, width, height} = useRoom()
  const [view, look] = useState({top: 0, left: 0, span: rows})
  const [spot, stand] = useState({row: 0, column: 0})
  const [focused, focus] = useState(false)
  const [pointed, point] = useState(null)
  const pressed = useRef(null)
  const counts = values(bulk.counts, Uint32Array)
  const room = {wide: Math.max(1, width - BESIDE), tall: Math.max(1, height - OVER)}
  const every = Math.max(1, Math.ceil(view.span / Math.min(room.wide, room.tall)))
  const drawing = () => drawn(values(levels, Int8Array), rows, every)
  const picture = useMemo(drawing, [levels, every, color("surface")])
  const moved = ({top, left, span}) => {
    const size = clamp(span, LEAST, rows)
    look({top: clamp(top, 0, rows - size), left: clamp(left, 0, rows - size), span: size})
  }
  const place = ({currentTarget, clientX, clientY}) => {
    const frame = currentTarget.getBoundingClientRect()
    const [x, y] = [clientX - frame.left, clientY - frame.top]
    const row = y < OVER ? null : Math.floor(view.top + ((y - OVER) / room.tall) * view.span)
    const column = x < BESIDE ? null : Math.floor(view.left + ((x - BESIDE) / room.wide) * view.span)
    const inside = (row ?? 0) < rows && (column ?? 0) < rows && (row !== null || column !== null)
    return inside ? {row, column, x, y} : null
  }
  const zoom = (event) => {
    event.preventDefault()
    const at = place(event)
    if (at?.row == null || at.column == null) return
    const span = clamp(view.span * 1.2 ** (event.deltaY / 100), LEAST, rows)
    const [down, across] = [(at.y - OVER) / room.tall, (at.x - BESIDE) / room.wide]
    moved({top: view.top + down * (view.span - span), left: view.left + across * (view.span - span), span})
  }
  const begin = (event) => {
    if (event.button !== 0) return
    event.currentTarget.setPointerCapture(event.pointerId)
    pressed.current = {x: event.clientX, y: event.clientY, view, still: true}
  }
  const move = (event) => {
    const from = pressed.current
    if (!from) return point(place(event))
    const [x, y] = [event.clientX - from.x, event.clientY - from.y]
    from.still &&= Math.hypot(x, y) <= STILL
    if (from.still) return
    const [down, across] = [y / room.tall, x / room.wide].map((share) => share * view.span)
    moved({...from.view, top: from.view.top - down, left: from.view.left - across})
  }
  const end = (event) => {
    const at = pressed.current?.still && place(event)
    pressed.current = null
    if (at) ask(at.row, at.column, event)
  }
  const press = (event) => {
    const acts = event.key === "Enter" || event.key === " "
    if (event.altKey || !(acts || event.key in ARROWS)) return
    event.preventDefault()
    event.stopPropagation()
    if (acts) return ask(spot.row < 0 ? null : spot.row, spot.column < 0 ? null : spot.column, event)
    const [down, right] = ARROWS[event.key]
    const next = {row: clamp(spot.row + down, -1, rows - 1), column: clamp(spot.column + right, -1, rows - 1)}
    if (next.row < 0 && next.column < 0) return
    const near = (at, from) => clamp(from, at - view.span + 1, Math.max(0, at))
    moved({...view, top: near(next.row, view.top), left: near(next.column, view.left)})
    stand(next)
  }
  const says = ({row, column}) => {
    if (row === null || row < 0) return heads[column].column
    if (column === null || column < 0) return heads[row].row
    return sentence(row, column, heads, counts, bulk)
  }
  const paint = (context) =>
    painted(context, {picture, every, view, room, heads, frames, spot: focused && spot})
  return h(
    "div",
    {
      class: "field",
      ref: box,
      tabIndex: 0,
      role: "group",
      "aria-label": `${label}: arrow keys move, Enter selects`,
      onWheel: zoom,
      onPointerDown: begin,
      onPointerMove: move,
      onPointerUp: end,
      onPointerCancel: () => {
        pressed.current = null
      },
      onPointerLeave: () => point(null),
      onKeyDown: press,
      onFocus: () => focus(true),
      onBlur: () => focus(false),
    },
    h(Origin, {sides, note}),
    width > BESIDE &&
      h(Painting, {width, height, paint, inputs: [picture, view, heads, frames, spot, focused]}),
    pointed && h(Tip, {at: pointed, words: says(pointed)}),
    h("p", {class: "unseen", "aria-live": "polite"}, focused && says(spot)),
  )
}

/** A canvas with a pixel for so many cells in either direction, of which it has the strongest color. */
function drawn(levels, rows, every) {
  const size = Math.ceil(rows / every)
  const strongest = new Int8Array(size * size)
  for (const [cell, level] of levels.entries()) {
    const at = Math.floor(Math.floor(cell / rows) / every) * size + Math.floor((cell % rows) / every)
    if (Math.abs(level) > Math.abs(strongest[at])) strongest[at] = level
  }
  const canvas = new OffscreenCanvas(size, size)
  canvas.getContext("2d").putImageData(colored(strongest, [size, size], 100), 0, 0)
  return canvas
}

/** As `hints` of fewer cells, which `dashboards/views/confusion.py` says. */
function sentence(row, column, heads, counts, {whose, partial}) {
  const rows = heads.length
  const [selected, total] = [row * rows + column, rows * rows + row * rows + column].map((at) => counts[at])
  const sum = counts.subarray(row * rows, (row + 1) * rows).reduce((all, each) => all + each, 0)
  const percent = Number(((100 * selected) / sum).toPrecision(2))
  const share = percent === 100 && selected < sum ? "more than 99" : percent
  const of = sum ? ` (${share} % of ${count(sum)}${partial ? " selected" : ""} ${whose[row]})` : ""
  const within = partial && selected < total ? `${count(selected)} selected of ` : ""
  const what = row === column ? "recognized" : `taken for ${heads[column].name}`
  return `${within}${count(total)} ${whose[row]} ${what}${of}`
}

function painted(context, {picture, every, view, room: {wide, tall}, heads, frames, spot}) {
  const {top, left, span} = view
  const [x, y] = [
    (column) => BESIDE + ((column - left) / span) * wide,
    (row) => OVER + ((row - top) / span) * tall,
  ]
  context.textBaseline = "middle"
  context.textAlign = "right"
  context.fillStyle = color("quiet")
  const seen = (from, pitch) => {
    const every = Math.ceil(LINE / pitch)
    const names = heads.map(({short}, index) => ({short, at: index + 0.5}))
    return names.filter(({at}, index) => index % every === 0 && at >= from && at <= from + span)
  }
  for (const {short, at} of seen(top, tall / span)) context.fillText(short, BESIDE - 5, y(at))
  for (const {short, at} of seen(left, wide / span)) {
    context.save()
    context.translate(x(at), OVER - 5)
    context.rotate(-Math.PI / 2)
    context.textAlign = "left"
    context.fillText(short, 0, 0)
    context.restore()
  }
  context.save()
  context.beginPath()
  context.rect(BESIDE, OVER, wide, tall)
  context.clip()
  context.imageSmoothingEnabled = false
  const [u, v, side] = [left, top, span].map((each) => each / every)
  context.drawImage(picture, u, v, side, side, BESIDE, OVER, wide, tall)
  context.lineWidth = 2
  context.strokeStyle = color("ink")
  const frame = ({row, column}) => context.strokeRect(x(column), y(row), wide / span, tall / span)
  for (const each of frames) {
    context.setLineDash(each.out ? [4, 3] : [])
    frame(each)
  }
  context.restore()
  if (!spot) return
  context.strokeStyle = color("accent")
  context.lineWidth = 3
  context.beginPath()
  const [across, down] = [
    spot.column < 0 ? BESIDE - 8 : x(spot.column + 0.5),
    spot.row < 0 ? OVER - 8 : y(spot.row + 0.5),
  ]
  context.arc(across, down, 10, 0, 2 * Math.PI)
  context.stroke()
}
