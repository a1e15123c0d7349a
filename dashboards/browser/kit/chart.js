// Lines over places, which a person may ask for: one by a click, several by a drag or with Shift.

import {useContext, useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card, Pointed} from "./context.js"

const WIDE = 1000 // of the drawing, which is stretched to its place
const HIGH = 100
const PAD = 8 // above and below

/** @typedef {{from: number, to: number, held: boolean}} Range - places; held while a button of the mouse is down */

/** @param {import("../messages.d.ts").Chart} message */
export function Chart(message) {
  const {places, span, ends, hints, ticks, marks, levels, says, positions, label, look} = message
  const {say} = useContext(Card)
  const pointed = useContext(Pointed)
  const [drag, pull] = useState(/** @type {Range | null} */ (null))
  const at = says.length && pointed.at?.kind === "place" ? pointed.at.place : message.at
  const scaled = message.ratios ? Math.log : Number
  const [low, high] = span.map(scaled)
  const share = (place, own = positions) => own[place] ?? (place + 0.5) / places
  const x = (place, own = positions) => WIDE * share(place, own)
  const y = (value) => PAD + (1 - (scaled(value) - low) / (high - low)) * (HIGH - 2 * PAD)
  const from = (place, own = positions) => ({left: `${(100 * x(place, own)) / WIDE}%`})
  const rules = [...ticks.map(([value]) => `M0,${y(value)}H${WIDE}`), at == null ? "" : `M${x(at)},0V${HIGH}`]
  const lines = message.lines.map((line) => ({
    ...line,
    own: line.positions.length ? line.positions : positions,
  }))
  const spots = lines.flatMap(({values, look: name, own}) =>
    values.map((value, place) =>
      value != null && ((place === at && own === positions) || values.length === 1)
        ? h("i", {class: `spot ${name}`, style: {...from(place, own), top: `${y(value)}%`}})
        : null,
    ),
  )
  const columns = Array.from({length: hints.length ? places : 0}, (_, place) => {
    const ask = () => say(message.act, place + message.first)
    return h("span", place < hints.length ? {class: "known", title: hints[place], onClick: ask} : {})
  })
  const axes = `${ticks.length ? "ticked" : ""} ${marks.length ? "marked" : ""}`
  const [first, last] = drag ? ordered(drag) : (message.band ?? [])
  return h(
    "div",
    {
      class: `chart ${axes} ${message.brush ? "brushable" : ""} ${look ?? ""}`,
      role: "img",
      "aria-label": label,
      ...reading(message, pointed.point, at, share, {drag, pull, say}),
    },
    first === undefined ? null : h("i", {class: "brush", style: extent(first, last, places, share)}),
    h(
      "svg",
      {viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true"},
      h("path", {class: "rule", d: rules.join("")}),
      levels.map(({value, look: own}) =>
        h("path", {class: `level ${own}`, "data-value": value, d: `M0,${y(value)}H${WIDE}`}),
      ),
      lines.map(({intervals, look: name, own}) => {
        const bar = (ends, place) => (ends ? `M${x(place, own)},${y(ends[0])}V${y(ends[1])}` : "")
        return intervals.length
          ? h("path", {class: `interval ${name}`, d: intervals.map(bar).join("")})
          : null
      }),
      lines.map(({values, look: name, own}) =>
        h("path", {class: `drawn ${name}`, d: path(values, (place) => x(place, own), y)}),
      ),
    ),
    spots,
    h("div", {class: "places"}, columns),
    h("span", {class: "quiet top"}, ends[1]),
    h("span", {class: "quiet bottom"}, ends[0]),
    ticks.map(([value, text]) => h("span", {class: "quiet tick", style: {top: `${y(value)}%`}}, text)),
    marks.map(([place, text]) => h("span", {class: "quiet place", style: from(place)}, text)),
  )
}

/** The pointer, and arrow keys, lead to a place that says something; a drag, or Shift, to several. */
function reading({says, places, brush = ""}, point, at, share, {drag, pull, say}) {
  if (!says.length) return {}
  const tell = (place) => point({kind: "place", place, says: says[place]})
  const inside = (place) => Math.max(0, Math.min(places - 1, place))
  const placeAt = ({currentTarget, clientX}) => {
    const {left, width} = currentTarget.getBoundingClientRect()
    return nearest((clientX - left) / width, places, share)
  }
  const ask = (range, shift, {ctrlKey, metaKey}) => {
    const [first, last] = ordered(range)
    pull(null)
    say(brush, {first, last, shift, ctrl: ctrlKey || metaKey})
  }
  const move = (event) => {
    const place = placeAt(event)
    tell(place)
    if (drag?.held) pull({...drag, to: place})
  }
  const begin = (event) => {
    if (!brush || event.button !== 0) return
    event.preventDefault() // or text is selected, which the next drag would carry away
    event.currentTarget.setPointerCapture(event.pointerId)
    const place = placeAt(event)
    pull({from: place, to: place, held: true})
  }
  const press = (event) => {
    const to = {ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: places - 1}[event.key]
    if (to !== undefined) {
      tell(inside(to))
      pull(brush && event.shiftKey ? {from: drag?.from ?? at, to: inside(to), held: false} : null)
    } else if (brush && event.key === "Enter") ask(drag ?? {from: at, to: at}, false, event)
    else if (event.key === "Escape" && drag) pull(null)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return {
    tabIndex: 0,
    onPointerMove: move,
    onPointerLeave: () => point(null),
    onPointerDown: begin,
    onPointerUp: (event) => drag?.held && ask(drag, event.shiftKey, event),
    onPointerCancel: () => pull(null),
    onKeyDown: press,
  }
}

const ordered = ({from, to}) => [Math.min(from, to), Math.max(from, to)]

/** The place nearest to a share of the width. */
function nearest(at, places, share) {
  let best = 0
  for (let place = 1; place < places; place++)
    if (Math.abs(share(place) - at) < Math.abs(share(best) - at)) best = place
  return best
}

/** From half-way to the place before to half-way to the next. */
function extent(first, last, places, share) {
  const between = (one, other) => (share(one) + share(other)) / 2
  const wide = places > 1 ? share(1) - share(0) : 1
  const left = first > 0 ? between(first - 1, first) : Math.max(0, share(0) - wide / 2)
  const right = last < places - 1 ? between(last, last + 1) : Math.min(1, share(last) + wide / 2)
  return `left: ${100 * left}%; width: ${100 * (right - left)}%`
}

/** A line through values, in parts where some are missing. */
function path(values, x, y) {
  const step = (value, place) => `${values[place - 1] == null ? "M" : "L"}${x(place)},${y(value)}`
  return values.map((value, place) => (value == null ? "" : step(value, place))).join("")
}
