import {signedMap} from "../../widgets/diverging.js"
import {svgNode} from "../../widgets/dom.js"
import {axisInWords} from "./axes.js"
import {FOOT, TOP} from "./scales.js"

const GUTTER = 96 // CSS pixels left of the cells, for the names of rows
const CLASS = 4,
  GAP = 3 // of the color of a row's class, and between it and the cells
export const OWN = 30,
  SPACE = 8 // of the row of the image under study, and below it
const MOST = 30,
  NAMED = 11 // of another row, at most, and from which it has a name
const LABEL = 32 // between two numbers of columns

/** Where the cells stand: the image under study first, then means of classes, then other images. */
export function heatLayout([width, height], columns, rows, strip) {
  const means = rows.filter(({sample}) => sample === null).length,
    rest = rows.length - means
  const room = height - TOP - OWN - 2 * SPACE - FOOT,
    begin = TOP + OWN + SPACE
  const mean = rest
    ? Math.min(MOST, Math.max(NAMED + 2, room / rows.length))
    : Math.min(MOST, room / Math.max(1, means))
  const tall = rest ? Math.min(MOST, (room - means * mean) / rest) : 0,
    after = begin + means * mean + SPACE
  const right = width - strip,
    wide = (right - GUTTER) / columns
  return {
    means,
    rest,
    mean,
    tall,
    begin,
    after,
    right,
    wide,
    columns,
    foot: rest ? after + rest * tall : begin + means * mean,
    left: (column) => GUTTER + column * wide,
    column: (x) => Math.max(0, Math.min(columns - 1, Math.floor((x - GUTTER) / wide))),
    top: (row) => (row < means ? begin + row * mean : after + (row - means) * tall),
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
export const scoreOf = ({center, spread}, value) => (value - center) / (spread || 1)

export function paintOwnRow(context, layout, editor, palette, reach) {
  editor.axes().forEach((axis, column) => {
    const level = Math.round(127 * Math.max(-1, Math.min(1, scoreOf(axis, editor.value(column)) / reach)))
    context.fillStyle = `rgb(${palette[level + 127].join()})`
    context.fillRect(layout.left(column), TOP, layout.wide + 0.5, OWN)
  })
}

/** The other rows, each with the color of its class. */
export function paintRows(context, places, rows, layout, palette, colors) {
  const {means, rest, mean, tall, begin, after, right, columns} = layout,
    stride = 1 + columns
  if (!rows.length) return
  rows.forEach((_, row) => {
    context.fillStyle = colors[places[row * stride]]
    context.fillRect(GUTTER - GAP - CLASS, layout.top(row), CLASS, row < means ? mean : tall)
  })
  const cells = signedMap(
    places.filter((_, at) => at % stride),
    [rows.length, columns],
    palette,
    "",
  )
  context.imageSmoothingEnabled = false
  context.drawImage(cells, 0, 0, columns, means, GUTTER, begin, right - GUTTER, means * mean)
  if (rest) context.drawImage(cells, 0, means, columns, rest, GUTTER, after, right - GUTTER, rest * tall)
}

/** What lies over the cells: names, and the marked column. */
export function drawnHeat(axes, sample, rows, layout, marked) {
  const {means, rest, mean, tall, wide, foot} = layout,
    every = Math.max(1, Math.ceil(LABEL / wide))
  const name = (words, middle, kind) =>
    svgNode("text", {class: kind, x: GUTTER - GAP - CLASS - 5, y: middle + 4, "text-anchor": "end"}, words)
  const heights = (row) => (row < means ? mean : tall)
  return [
    name(`#${sample}`, TOP + OWN / 2, "row own-name"),
    rows.map(({name: words}, row) =>
      heights(row) < NAMED ? null : name(words, layout.top(row) + heights(row) / 2, "row"),
    ),
    rest && tall < NAMED ? name(`${rest} selected`, (layout.top(means) + foot) / 2, "row") : null,
    axes.map(({number}, column) =>
      column % every
        ? null
        : svgNode(
            "text",
            {x: layout.left(column) + wide / 2, y: foot + 14, "text-anchor": "middle"},
            `z${number}`,
          ),
    ),
    svgNode("rect", {
      class: "marked",
      x: layout.left(marked) - 1,
      y: TOP - 3,
      width: wide + 2,
      height: foot - TOP + 6,
    }),
  ]
}

/** The row of the image under study, for keys and the pointer: it stays in the page while all else is drawn anew, or clicks are lost. */
export function placeOwnRow(element, editor, layout, marked, at) {
  const axis = editor.axes()[marked],
    now = editor.value(marked),
    [low, high] = at.ends[marked]
  const attributes = {
    x: GUTTER,
    y: TOP,
    width: Math.max(0, layout.right - GUTTER),
    height: OWN,
    tabindex: 0,
    "aria-disabled": Boolean(editor.refusal()),
    "aria-label": `Latent ${axis.number}`,
    "aria-valuenow": now.toFixed(2),
    "aria-valuemin": low.toFixed(2),
    "aria-valuemax": high.toFixed(2),
    "aria-valuetext": axisInWords(axis, now),
  }
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
}

/** What the cell of a row, -1 for the image under study, says. */
export function cellInWords(editor, rows, row, column, score) {
  const far = `${Math.abs(score).toFixed(1)} sd ${score < 0 ? "below" : "above"} the mean of all images`
  if (row < 0) return `${axisInWords(editor.axes()[column], editor.value(column))} · ${far}`
  return `${rows[row].name}, latent ${editor.axes()[column].number}: ${far}`
}
