// Many latents as columns of a heat map: the image under study, means of classes, then other images.

import {useContext, useLayoutEffect, useRef, useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {imageData, values} from "./bytes.js"
import {Card} from "./context.js"
import {diverging} from "./diverging.js"
import {Axis, FoldedAxis, Handle} from "./latents_axes.js"
import {axisWords, FOOT, press, TOP, usePull} from "./latents_editor.js"
import {Painting} from "./painting.js"

// CSS pixels: left of the cells, for the names of rows; of an axis beside them, and of it alone.
const [GUTTER, STRIP, WIDE] = [96, 62, 18]
const [CLASS, GAP] = [4, 3] // of the color of a row's class, and between it and the cells
const [OWN, SPACE] = [30, 8] // of the row of the image under study, and below it
const [MOST, NAMED] = [30, 11] // of another row, at most, and from which it has a name
const LABEL = 32 // between two numbers of columns

/** Its first row is dragged, and led by keys; a click on another studies that image. */
export function HeatPlot({message, editor, width, height}) {
  const {axes, rows, folded, places} = message
  const {say} = useContext(Card)
  const {pull, pulling, within} = usePull(editor)
  const row = useRef(/** @type {any} */ (null))
  const [column, mark] = useState(0)
  const [pointed, point] = useState(null)
  const [keyed, key] = useState(false)
  const marked = Math.min(column, axes.length - 1)
  const layout = heatLayout(width, height, axes.length, rows, STRIP * (folded ? 2 : 1) + 12)
  const scores = axes.map((axis, index) => scoreOf(axis, editor.value(index)))
  const cell = pointed ?? (keyed ? {row: -1, column: marked} : null)
  const {ends, tall} = editor.scales
  const lead = (event) => {
    const by = {ArrowLeft: -1, ArrowRight: 1}[event.key]
    if (by === undefined) return press(event, editor, marked)
    event.preventDefault()
    event.stopPropagation()
    mark(Math.max(0, Math.min(axes.length - 1, marked + by)))
    point(null)
  }
  const move = (event) => {
    if (pulling.onPointerMove(event)) return
    const [x, y] = within(event)
    const at = layout.row(x, y)
    point(at === null ? null : {row: at, column: layout.column(x)})
  }
  const begin = (event) => {
    const [x, y] = within(event)
    const at = layout.row(x, y)
    if (at === null) return
    const index = layout.column(x)
    mark(index)
    if (at >= 0 && rows[at].sample !== null) say("study", rows[at].sample)
    if (at >= 0) return
    const from = editor.value(index)
    const by = (to) => ((y - to) / tall) * (ends[index][1] - ends[index][0])
    pull(
      event,
      (to) => editor.put(index, from + by(to)),
      () => editor.reset(index),
    )
    if (!editor.fixed) row.current.focus()
  }
  const now = editor.value(marked)
  const slider = {
    tabindex: 0,
    role: "slider",
    "aria-orientation": "vertical",
    "aria-disabled": editor.fixed,
    "aria-label": `Latent ${axes[marked].number}`,
    "aria-valuenow": now.toFixed(2),
    "aria-valuemin": ends[marked][0].toFixed(2),
    "aria-valuemax": ends[marked][1].toFixed(2),
    "aria-valuetext": axisWords(axes[marked], now),
    onKeyDown: lead,
    onFocus: () => key(true),
    onBlur: () => key(false),
  }
  const place = {x: GUTTER, y: TOP, width: Math.max(0, layout.right - GUTTER), height: OWN}
  const cursor = pointed && `cursor: ${pointed.row < 0 ? "ns-resize" : "pointer"}`
  const x = layout.right + STRIP / 2 + 12
  const leave = () => point(null)
  return [
    h(Painting, {
      class: "painting behind",
      "data-images": rows.length,
      width,
      height,
      paint: (context) => paint(context, message, layout, scores),
      inputs: [places, axes, scores.join()],
    }),
    h(
      "svg",
      {
        viewBox: `0 0 ${width} ${height}`,
        style: cursor,
        ...pulling,
        onPointerMove: move,
        onPointerLeave: leave,
        onPointerDown: begin,
      },
      namesOf(message, layout, marked),
      h(Axis, {editor, pull, index: marked, x, wide: WIDE, named: true}),
      h(Handle, {editor, pull, index: marked, x}),
      folded && h(FoldedAxis, {editor, pull, x: x + STRIP, wide: WIDE}),
      h("rect", {class: "own-row", ...place, ...slider, ref: row}),
    ),
    h(CellTip, {cell, layout, width, height, words: cell && said(message, editor, cell, scores)}),
  ]
}

/** Where the cells stand. */
function heatLayout(width, height, columns, rows, strip) {
  const means = rows.filter(({sample}) => sample === null).length
  const rest = rows.length - means
  const room = height - TOP - OWN - 2 * SPACE - FOOT
  const begin = TOP + OWN + SPACE
  const mean = rest
    ? Math.min(MOST, Math.max(NAMED + 2, room / rows.length))
    : Math.min(MOST, room / Math.max(1, means))
  const tall = rest ? Math.min(MOST, (room - means * mean) / rest) : 0
  const after = begin + means * mean + SPACE
  const right = width - strip
  const wide = (right - GUTTER) / columns
  return {
    means,
    rest,
    begin,
    after,
    right,
    wide,
    foot: rest ? after + rest * tall : begin + means * mean,
    left: (column) => GUTTER + column * wide,
    column: (x) => Math.max(0, Math.min(columns - 1, Math.floor((x - GUTTER) / wide))),
    top: (row) => (row < 0 ? TOP : row < means ? begin + row * mean : after + (row - means) * tall),
    tall: (row) => (row < 0 ? OWN : row < means ? mean : tall),
    /** The row at a place: -1 is the image under study; null: none. */
    row(x, y) {
      if (x < GUTTER || x > right) return null
      if (y >= TOP && y <= TOP + OWN) return -1
      if (y >= begin && y < begin + means * mean) return Math.floor((y - begin) / mean)
      return rest && y >= after && y < after + rest * tall ? means + Math.floor((y - after) / tall) : null
    },
  }
}

/** Standard deviations that a value is from the mean of all images. */
const scoreOf = ({center, spread}, value) => (value - center) / (spread || 1)

function paint(context, {axes, rows, places, reach, colors}, layout, scores) {
  const {means, rest, begin, after, right, wide, left, top, tall} = layout
  const palette = diverging()
  for (const [column, score] of scores.entries()) {
    const level = Math.round(127 * Math.max(-1, Math.min(1, score / reach)))
    context.fillStyle = `rgb(${palette[level + 127].join()})`
    context.fillRect(left(column), TOP, wide + 0.5, OWN)
  }
  if (!rows.length) return
  const [held, stride] = [values(places, Int8Array), 1 + axes.length]
  for (const row of rows.keys()) {
    context.fillStyle = colors[held[row * stride]]
    context.fillRect(GUTTER - GAP - CLASS, top(row), CLASS, tall(row))
  }
  const levels = held.filter((_, at) => at % stride)
  const pixels = Uint8Array.from([...levels].flatMap((level) => palette[Math.max(-127, level) + 127]))
  const cells = new OffscreenCanvas(axes.length, rows.length)
  cells.getContext("2d").putImageData(imageData(pixels, [rows.length, axes.length, 3]), 0, 0)
  context.imageSmoothingEnabled = false
  const draw = (from, count, at) => {
    const high = count * tall(from)
    if (count) context.drawImage(cells, 0, from, axes.length, count, GUTTER, at, right - GUTTER, high)
  }
  draw(0, means, begin)
  draw(means, rest, after)
}

/** Names of rows and columns, and the column that is marked. */
function namesOf({axes, sample, rows}, {means, rest, wide, foot, left, top, tall}, marked) {
  const every = Math.max(1, Math.ceil(LABEL / wide))
  const name = (words, middle, look = "row") =>
    h("text", {class: look, x: GUTTER - GAP - CLASS - 5, y: middle + 4, "text-anchor": "end"}, words)
  const few = rest > 0 && tall(means) < NAMED
  return [
    name(`#${sample}`, TOP + OWN / 2, "row own-name"),
    rows.map((row, at) => (tall(at) < NAMED ? null : name(row.name, top(at) + tall(at) / 2))),
    few && name(`${rest} selected`, (top(means) + foot) / 2),
    axes.map(({number}, column) =>
      column % every
        ? null
        : h("text", {x: left(column) + wide / 2, y: foot + 14, "text-anchor": "middle"}, `z${number}`),
    ),
    h("rect", {class: "marked", x: left(marked) - 1, y: TOP - 3, width: wide + 2, height: foot - TOP + 6}),
  ]
}

/** What a cell says. */
function said({axes, rows, places, reach}, editor, {row, column}, scores) {
  const held = values(places, Int8Array)
  const score = row < 0 ? scores[column] : (reach * held[row * (1 + axes.length) + 1 + column]) / 127
  const far = `${Math.abs(score).toFixed(1)} sd ${score < 0 ? "below" : "above"} the mean of all images`
  if (row < 0) return `${axisWords(axes[column], editor.value(column))} · ${far}`
  return `${rows[row].name}, latent ${axes[column].number}: ${far}`
}

/** Words below a cell, or above it where there is no room. */
function CellTip({cell, layout, width, height, words}) {
  const box = useRef(/** @type {HTMLElement | null} */ (null))
  useLayoutEffect(() => {
    if (!cell) return
    const {offsetWidth: wide, offsetHeight: high, style} = box.current
    const foot = layout.top(cell.row) + layout.tall(cell.row) + 6
    const top = foot + high < height ? foot : layout.top(cell.row) - 6 - high
    style.top = `${top}px`
    style.left = `${Math.max(0, Math.min(width - wide, layout.left(cell.column) - wide / 2))}px`
  })
  return h("div", {class: "tip", hidden: !cell, ref: box}, words)
}
