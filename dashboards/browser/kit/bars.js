// How often values occur, of one kind above a line and of another below it; a range of them is chosen.

import {useContext, useRef, useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"
import {useRoom} from "./room.js"

const APART = 70 // CSS pixels of a tick

/** @param {import("../messages.d.ts").Bars} message */
export function Bars(message) {
  const {act, name, edges, hints, rules, kinds, axis, label} = message
  const {say} = useContext(Card)
  const {box, width} = useRoom()
  const plane = useRef(null)
  const [range, stretch] = useState(/** @type {number[] | null} */ (null))
  const [stop, rove] = useState(0)
  const last = edges.length - 2
  const inside = (bin) => Math.max(0, Math.min(last, bin))
  const binAt = ({clientX}) => {
    const {left, width: wide} = plane.current.getBoundingClientRect()
    return inside(Math.floor(((clientX - left) / wide) * (last + 1)))
  }
  const select = (bins, keys) => {
    stretch(null)
    say(act, {name, low: edges[Math.min(...bins)], high: edges[Math.max(...bins) + 1], ...keys})
  }
  const begin = (event) => {
    if (event.button !== 0) return
    event.preventDefault()
    event.currentTarget.setPointerCapture(event.pointerId)
    stretch([binAt(event), binAt(event)])
  }
  const press = (event) => {
    const at = Number(event.target.dataset.bin)
    const to = {ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last}[event.key]
    if (to !== undefined) {
      stretch(event.shiftKey ? [range?.[0] ?? at, inside(to)] : null)
      rove(inside(to))
      plane.current.querySelector(`[data-bin="${inside(to)}"]`).focus()
    } else if (event.key === "Enter" || event.key === " ") {
      select([range?.[0] ?? at, at], {shift: false, ctrl: event.ctrlKey || event.metaKey})
    } else if (event.key === "Escape" && range) stretch(null)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const handlers = {
    onPointerDown: begin,
    onPointerMove: (event) => range && stretch([range[0], binAt(event)]),
    onPointerUp: ({shiftKey, ctrlKey, metaKey}) =>
      range && select(range, {shift: shiftKey, ctrl: ctrlKey || metaKey}),
    onPointerCancel: () => stretch(null),
    onKeyDown: press,
  }
  const across = (low, high = low) => {
    const [left, right] = [low, high].map((value) => (100 * value) / edges[last + 1])
    return `left: ${left}%; width: ${right - left}%`
  }
  const bins = hints.map((hint, bin) =>
    h("button", {
      type: "button",
      class: "bin",
      title: hint,
      "aria-label": hint,
      "data-bin": bin,
      tabIndex: bin === inside(stop) ? 0 : -1,
      style: across(edges[bin], edges[bin + 1]),
    }),
  )
  const {zero, counted} = bars(message, across)
  const brush = range && across(edges[Math.min(...range)], edges[Math.max(...range) + 1])
  return h(
    "div",
    {class: "bins", role: "group", "aria-label": label, ref: box, ...handlers},
    h(
      "div",
      {class: "plane", ref: plane, style: `--zero: ${zero}%`},
      counted,
      h("i", {class: "zero"}),
      kinds.map((kind, side) => h("span", {class: `word ${side ? "below" : "above"}`}, kind)),
      rules.map((rule) =>
        h("i", {class: `upright ${rule.look}`, title: rule.hint, style: across(rule.value)}),
      ),
      bins,
      brush && h("i", {class: "brush", style: brush}),
    ),
    ticks(edges, width),
    h("span", {class: "axis"}, axis),
  )
}

/**
 * Both kinds have one scale, whose zero is where neither goes beyond its side.
 * @param {import("../messages.d.ts").Bars} message
 * @param {(low: number, high: number) => string} across
 */
function bars({edges, counts, lit}, across) {
  const [above, below] = counts.map((side) => Math.max(1, ...side))
  const tall = (count) => (100 * count) / (above + below)
  const zero = tall(above)
  const bar = (side, count, bin, look) => {
    const from = side ? `top: ${zero}%` : `bottom: ${100 - zero}%`
    const style = `${across(edges[bin], edges[bin + 1])}; ${from}; height: ${tall(count)}%`
    return count ? h("i", {class: `bar-of ${side ? "below" : "above"} ${look}`, style}) : null
  }
  const counted = counts.flatMap((of, side) =>
    of.flatMap((count, bin) => [
      lit && bar(side, count, bin, "pale"),
      bar(side, lit ? lit[side][bin] : count, bin, ""),
    ]),
  )
  return {zero, counted}
}

/** As many edges as there is room for. */
function ticks(edges, width) {
  const bins = edges.length - 1
  const every = Math.max(1, Math.round(bins / Math.max(2, Math.floor(width / APART))))
  const side = (at) => (at === 0 ? "0" : at === bins ? "-100%" : "-50%")
  return edges.map((edge, at) => {
    const style = `--at: ${edge / edges[bins]}; translate: ${side(at)}`
    return at % every ? null : h("span", {class: "tick", style}, String(Number(edge.toPrecision(4))))
  })
}
