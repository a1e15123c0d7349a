// Sets of images against columns of numbers: bars of what differs above cells in the colors of a signed map.

import {useContext, useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {values} from "./bytes.js"
import {Card} from "./context.js"
import {diverging, level} from "./diverging.js"
import {attributes} from "./node.js"
import {Painting} from "./painting.js"
import {useRoom} from "./room.js"
import {color} from "./theme.js"
import {Tip} from "./tip.js"

// CSS pixels: a row is no lower, and what has no room is counted; nor higher.
const [ROW, HIGH] = [11, 30]
const [LOW, TALL] = [40, 84] // of the bars
const DIGIT = 6.2 // of a digit of the numbers, which stand on end below
const DENSE = 11.5 // from one number to the next, at least
const STEPS = {ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1}

/** @param {number} value */
const signed = (value, digits = 2) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`
const count = (number) => number.toLocaleString("en")
const capital = (word) => word[0].toUpperCase() + word.slice(1)

/** @param {import("../messages.d.ts").Matrix} message */
export function Matrix(message) {
  const {act, name, word, numbers, rows, bars, at, ...rest} = message
  const {say} = useContext(Card)
  const {box, width, height} = useRoom()
  const [pointed, point] = useState(null)
  const all = {mean: values(message.mean, Float32Array), error: values(message.error, Float32Array)}
  const plan = width && height ? planned(message, width, height) : null
  const open = (column) => say(act, {name, value: numbers[column]})
  const step = (event) => {
    const to = {Home: 0, End: numbers.length - 1}[event.key] ?? at + STEPS[event.key]
    if (Number.isNaN(to)) return
    event.preventDefault()
    event.stopPropagation()
    open(Math.max(0, Math.min(numbers.length - 1, to)))
  }
  const move = (event) => point(plan && under(event, plan))
  const click = (event) => {
    const cell = plan && under(event, plan)
    if (cell) open(cell.column)
  }
  const slider = {
    role: "slider",
    tabIndex: 0,
    "aria-label": rest.label,
    "aria-valuemin": 0,
    "aria-valuemax": numbers.length - 1,
    "aria-valuenow": at,
    "aria-valuetext": says(message, all, -1, at),
  }
  const found = pointed && pointed.row < (plan?.fit ?? 0) && pointed.column < numbers.length ? pointed : null
  return h(
    "div",
    {class: "painted"},
    h("div", {class: "names"}, plan && named(message, plan)),
    h(
      "div",
      {
        ...attributes(rest),
        ...slider,
        class: "stage",
        ref: box,
        onPointerMove: move,
        onPointerLeave: () => point(null),
        onClick: click,
        onKeyDown: step,
      },
      plan &&
        h(Painting, {
          width,
          height,
          paint: (context, ratio) => paint(context, ratio, message, all, plan, width),
          inputs: [message],
        }),
    ),
    h(Tip, {at: found, words: found && says(message, all, found.row, found.column)}),
  )
}

/** Where all stands, in CSS pixels of the stage. */
function planned({numbers, rows, bars: compared, widest}, width, height) {
  const below = Math.max(18, Math.ceil(6 + DIGIT * String(Math.max(...numbers)).length)) // for the numbers
  const room = height - below - 16 * rows.length
  const bars = compared ? Math.round(Math.max(LOW, Math.min(TALL, room))) : 0
  const top = bars + (compared ? 4 : 0)
  const fit = Math.max(1, Math.min(rows.length, Math.floor((height - top - below) / ROW)))
  const tall = Math.min(HIGH, (height - top - below) / fit)
  return {
    bars,
    top,
    fit,
    tall,
    pitch: Math.min(widest, (width - 4) / numbers.length),
    columns: numbers.length,
  }
}

/** The cell that an event is over, or the bar, in row -1; null beside all. */
function under({currentTarget, clientX, clientY}, {pitch, tall, top, fit, columns}) {
  const stage = currentTarget.getBoundingClientRect()
  const around = currentTarget.parentElement.getBoundingClientRect()
  const [x, y] = [clientX - stage.left, clientY - stage.top]
  const column = Math.floor((x - 1) / pitch)
  if (column < 0 || column >= columns) return null
  const row = y < top ? -1 : Math.min(fit, Math.floor((y - top) / tall))
  return {row, column, x: clientX - around.left, y: clientY - around.top}
}

/** What a cell is, or a bar. */
function says({numbers, rows, bars, word, spoken}, {mean, error}, row, column) {
  const which = `${capital(word)} ${numbers[column]}`
  if (row < 0 && !bars) return `${which}: ${spoken[column]}`
  const at = (row < 0 ? 0 : row + Number(bars)) * numbers.length + column
  const within = Number.isNaN(error[at]) ? "" : ` ± ${error[at].toFixed(2)}`
  const number = `${signed(mean[at])}${within} sd`
  if (row >= 0) return `${which}, ${rows[row].name}: ${number}, ${count(rows[row].images)} images`
  return `${which}: ${number}, ${count(rows[0].images)} images less ${count(rows[1].images)}; ${spoken[column]}`
}

/** Names of the rows that have room, and how many others there are. */
function named({rows, bars: compared, reach, left}, {bars, top, fit, tall}) {
  const ends = h(
    "div",
    {class: "axis quiet", style: `height: ${top}px`},
    h("span", {}, `${signed(reach, 1)} sd`),
    h("span", {}, "difference ± SE"),
    h("span", {style: `bottom: ${top - bars}px`}, `${signed(-reach, 1)} sd`),
  )
  const style = `height: ${tall}px; line-height: ${tall}px; font-size: ${tall < 13 ? 11 : 12}px`
  const names = rows
    .slice(0, fit)
    .map((row) =>
      h(
        "div",
        {class: row.color ? "name" : "name side", style, title: `${row.name}: ${count(row.images)} images`},
        row.color && h("i", {class: "swatch", style: `background: ${row.color}`}),
        row.short,
      ),
    )
  const more = rows.length - fit + left
  const title = "The commonest classes of the selection come first; a selection shows its own"
  const others = h("div", {class: "left quiet", title}, `${more} more ${more > 1 ? "classes" : "class"}`)
  return [compared && ends, names, more > 0 && others]
}

function paint(context, ratio, {numbers, bars: compared, end, reach, at}, {mean, error}, plan, width) {
  const {bars, top, fit, tall, pitch, columns} = plan
  const [palette, line, accent] = [diverging(), color("line"), color("accent")]
  const edge = (column) => Math.round(column * pitch * ratio) / ratio
  const down = (row) => Math.round(top + row * tall)
  context.translate(1, 0)
  for (let row = 0; row < fit; row++)
    for (let column = 0; column < columns; column++) {
      const value = mean[(row + Number(compared)) * columns + column]
      context.fillStyle = Number.isNaN(value) ? line : `rgb(${palette[level(value, end)]})`
      const [x, y] = [edge(column), down(row)]
      context.fillRect(x, y, edge(column + 1) - x, down(row + 1) - y)
    }
  if (compared) {
    const [middle, unit, thin] = [
      bars / 2,
      (bars / 2 - 2) / reach,
      Math.max(1, Math.min(pitch - 2, pitch * 0.8)),
    ]
    context.fillStyle = line
    context.fillRect(0, Math.round(middle), columns * pitch, 1)
    for (let column = 0; column < columns; column++) {
      const [high, x] = [mean[column] * unit, (column + 0.5) * pitch]
      context.fillStyle = color(high < 0 ? "negative" : "positive")
      context.fillRect(x - thin / 2, Math.min(middle, middle - high), thin, Math.abs(high))
      const off = Number.isNaN(error[column]) ? 0 : error[column] * unit
      context.fillStyle = color("ink")
      if (off) context.fillRect(x - 0.5, middle - high - off, 1, Math.max(1, 2 * off))
    }
    context.fillStyle = line // what is compared stands apart from the classes
    context.fillRect(0, down(2) - 1, columns * pitch, 2)
  }
  context.textBaseline = "middle"
  const [every, plain] = [Math.ceil(DENSE / pitch), context.font]
  for (let column = 0; column < columns; column++) {
    if (column !== at && (column % every || Math.abs(column - at) < every)) continue
    context.save()
    const x = Math.max(5, Math.min(width - 7, (column + 0.5) * pitch)) // half a line of text from either side
    context.translate(x, top + fit * tall + 3)
    context.fillStyle = column === at ? accent : color("quiet")
    context.font = column === at ? `bold ${plain}` : plain
    const upright = pitch >= 22
    if (!upright) context.rotate(-Math.PI / 2)
    context.textAlign = upright ? "center" : "right"
    context.fillText(String(numbers[column]), 0, upright ? 7 : 0)
    context.restore()
  }
  context.strokeStyle = accent
  context.lineWidth = 2
  context.strokeRect(edge(at) - 1, 1, Math.max(3, edge(at + 1) - edge(at)) + 2, top + fit * tall - 1)
}
