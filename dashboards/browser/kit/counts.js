// A matrix of counts: buttons with words of their own, or, of many rows, a painting.

import {useContext} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {values} from "./bytes.js"
import {Card} from "./context.js"
import {Field} from "./field.js"
import {Origin} from "./origin.js"
import {Roving} from "./roving.js"
import {Tipped} from "./tipped.js"

const WORDY = 12 // rows, up to which columns have room for whole names
const STRONGEST = 0.45 // of a color in a cell: more would hide its text

/** @param {import("../messages.d.ts").Counts} message */
export function Counts(message) {
  const {act, bulk} = message
  const {say} = useContext(Card)
  const ask = (row, column, {shiftKey, ctrlKey, metaKey}) =>
    say(act, {row, column, shift: shiftKey, ctrl: ctrlKey || metaKey})
  return bulk ? h(Field, {message, bulk, ask}) : h(Tipped, {}, buttons(message, ask))
}

/** @param {import("../messages.d.ts").Counts} message */
function buttons({sides, heads, levels, texts, hints, frames, note, label}, ask) {
  const percent = values(levels, Int8Array)
  const framed = new Map(frames.map(({row, column, out}) => [row * heads.length + column, out]))
  const long = texts.some((text) => text.split(" / ")[0].length > 3)
  const look = `matrix ${heads.length > WORDY ? "many" : ""} ${long ? "long" : ""}`
  const head = ({name, short, color, row, column}, index, beside) => {
    const attributes = {
      type: "button",
      class: `${beside ? "beside" : "over"} ${index % 2 ? "second" : ""}`,
      "data-name": name,
      "aria-label": beside ? row : column,
      onClick: (event) => ask(...(beside ? [index, null] : [null, index]), event),
    }
    const swatch = h("i", {class: "swatch", style: `background: ${color || "var(--dv-quiet)"}`})
    return h("button", attributes, h("span", {class: "name"}, short), swatch)
  }
  const cell = (row, column) => {
    const place = row * heads.length + column
    const out = framed.get(place)
    const level = percent[place]
    const [count, of] = texts[place].split(" / ")
    const attributes = {
      type: "button",
      class: `cell ${out ? "out" : ""} ${level ? "" : "quiet"}`,
      "data-cell": `${row},${column}`,
      "data-level": level,
      "aria-label": hints[place],
      "aria-pressed": out === false,
      style: `background: ${shade(level)}`,
      onClick: (event) => ask(row, column, event),
    }
    return h("button", attributes, count, of && h("span", {class: "of"}, ` / ${of}`))
  }
  const style = `grid-template-columns: minmax(56px, max-content) repeat(${heads.length}, minmax(0, 1fr))`
  return h(
    Roving,
    {tag: "div", roving: "table", class: look, role: "group", "aria-label": label, style},
    h(Origin, {sides, note}),
    heads.map((each, column) => head(each, column, false)),
    heads.map((each, row) => [head(each, row, true), heads.map((_, column) => cell(row, column))]),
  )
}

const shade = (level) =>
  `color-mix(in srgb, var(--dv-${level < 0 ? "negative" : "positive"}) ${STRONGEST * Math.abs(level)}%, var(--dv-surface))`
