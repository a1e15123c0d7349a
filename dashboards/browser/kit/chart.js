// Lines over places of equal width, which a person may ask for.

import {useContext} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card, Pointed} from "./context.js"

const WIDE = 1000 // of the drawing, which is stretched to its place
const HIGH = 100
const PAD = 8 // above and below

/** @param {import("../messages.d.ts").Chart} message */
export function Chart(message) {
  const {places, span, ends, hints, ticks, marks, levels, says, label, look} = message
  const {say} = useContext(Card)
  const pointed = useContext(Pointed)
  const at = says.length && pointed.at?.kind === "place" ? pointed.at.place : message.at
  const scaled = message.ratios ? Math.log : Number
  const [low, high] = span.map(scaled)
  const x = (place) => ((place + 0.5) / places) * WIDE
  const y = (value) => PAD + (1 - (scaled(value) - low) / (high - low)) * (HIGH - 2 * PAD)
  const from = (place) => ({left: `${(100 * x(place)) / WIDE}%`})
  const rules = [...ticks.map(([value]) => `M0,${y(value)}H${WIDE}`), at == null ? "" : `M${x(at)},0V${HIGH}`]
  const spots = message.lines.flatMap(({values, look: own}) =>
    values.map((value, place) =>
      value != null && (place === at || values.length === 1)
        ? h("i", {class: `spot ${own}`, style: {...from(place), top: `${y(value)}%`}})
        : null,
    ),
  )
  const columns = Array.from({length: hints.length ? places : 0}, (_, place) => {
    const ask = () => say(message.act, place + message.first)
    return h("span", place < hints.length ? {class: "known", title: hints[place], onClick: ask} : {})
  })
  const axes = `${ticks.length ? "ticked" : ""} ${marks.length ? "marked" : ""}`
  return h(
    "div",
    {
      class: `chart ${axes} ${look ?? ""}`,
      role: "img",
      "aria-label": label,
      ...reading(message, pointed.point, at),
    },
    h(
      "svg",
      {viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true"},
      h("path", {class: "rule", d: rules.join("")}),
      levels.map(({value, look: own}) =>
        h("path", {class: `level ${own}`, "data-value": value, d: `M0,${y(value)}H${WIDE}`}),
      ),
      message.lines.map(({values, look: own}) => h("path", {class: `drawn ${own}`, d: path(values, x, y)})),
    ),
    spots,
    h("div", {class: "places"}, columns),
    h("span", {class: "quiet top"}, ends[1]),
    h("span", {class: "quiet bottom"}, ends[0]),
    ticks.map(([value, text]) => h("span", {class: "quiet tick", style: {top: `${y(value)}%`}}, text)),
    marks.map(([place, text]) => h("span", {class: "quiet place", style: from(place)}, text)),
  )
}

/** The pointer, and arrow keys, lead to a place that says something. */
function reading({says, places}, point, at) {
  if (!says.length) return {}
  const tell = (place) => point({kind: "place", place, says: says[place]})
  const go = (place) => tell(Math.max(0, Math.min(places - 1, place)))
  const move = ({currentTarget, clientX}) => {
    const {left, width} = currentTarget.getBoundingClientRect()
    go(Math.floor(((clientX - left) / width) * places))
  }
  const press = (event) => {
    const to = {ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: places - 1}[event.key]
    if (to === undefined) return
    event.preventDefault()
    go(to)
  }
  return {tabIndex: 0, onPointerMove: move, onPointerLeave: () => point(null), onKeyDown: press}
}

/** A line through values, in parts where some are missing. */
function path(values, x, y) {
  const step = (value, place) => `${values[place - 1] == null ? "M" : "L"}${x(place)},${y(value)}`
  return values.map((value, place) => (value == null ? "" : step(value, place))).join("")
}
