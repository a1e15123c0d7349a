// Signed maps: blue above zero, orange below, on a scale that a card chooses.

import {useContext} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {values} from "./bytes.js"
import {Pointed} from "./context.js"
import {diverging, level} from "./diverging.js"
import {Pixels} from "./picture.js"
import {useTheme} from "./theme.js"

const LIGHT = 140 // of a color, from which on black is read on it

/** Image data of values in the colors of a palette. */
export function colored(numbers, [height, width], end, signs = true) {
  const image = new ImageData(width, height)
  const pixels = new Uint32Array(image.data.buffer)
  const palette = diverging(signs).map(([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0)
  for (let cell = 0; cell < pixels.length; cell++) pixels[cell] = palette[level(numbers[cell], end)]
  return image
}

/** @param {import("../messages.d.ts").Heat} message */
export function Heat(message) {
  useTheme()
  return message.texts.length ? h(Squares, message) : h(Canvas, message)
}

function Canvas(message) {
  const {values: held, grid, end, levels, signs, windows, says, label, hint, style} = message
  const {at, point} = useContext(Pointed)
  const move = (event) => {
    event.stopPropagation() // a button that it is in says something else
    const cell = cellUnder(event, message)
    const same = at?.kind === "heat" && at.values === held && at.v === cell?.v && at.u === cell?.u
    if (!same) point(cell)
  }
  const pointing = windows || says ? {onPointerMove: move, onPointerLeave: () => point(null)} : {}
  const draw = () =>
    levels
      ? colored(values(held, Int8Array), grid, 127, signs)
      : colored(values(held, Float32Array), grid, end, signs)
  const canvas = h(Pixels, {
    size: grid,
    draw,
    of: [held, end, signs, diverging(signs)],
    class: "map",
    "aria-label": label ?? hint,
    ...(windows ? {style: within(windows)} : {style, title: hint, ...pointing}),
  })
  if (!windows) return canvas
  const [height, width] = windows.shape
  return h(
    "div",
    {class: "frame pointed", title: hint, style: `aspect-ratio: ${width} / ${height}`, ...pointing},
    canvas,
  )
}

/** The cell of a map that an event is over, with its message; null beside all. */
function cellUnder({currentTarget, clientX, clientY}, message) {
  const box = (currentTarget.querySelector("canvas") ?? currentTarget).getBoundingClientRect()
  const [rows, columns] = message.grid
  const v = Math.floor(((clientY - box.top) / box.height) * rows)
  const u = Math.floor(((clientX - box.left) / box.width) * columns)
  return v >= 0 && u >= 0 && v < rows && u < columns ? {...message, v, u} : null
}

/** Where cells lie, each in the middle of its window. */
function within({top, left, side, shape: [height, width]}) {
  const step = (starts) => (starts.length > 1 ? (starts.at(-1) - starts[0]) / (starts.length - 1) : side)
  const [down, across] = [step(top), step(left)]
  return {
    top: `${(50 * (side - down)) / height}%`,
    left: `${(50 * (side - across)) / width}%`,
    height: `${(100 * down * top.length) / height}%`,
    width: `${(100 * across * left.length) / width}%`,
  }
}

/** A few cells with their numbers in them. */
function Squares({values: held, end, grid, texts, hints, sizes, label}) {
  const palette = diverging()
  const cells = [...values(held, Float32Array)].map((value, cell) => {
    const [r, g, b] = palette[level(value, end)]
    const ink = 0.299 * r + 0.587 * g + 0.114 * b > LIGHT ? "#000" : "#fff"
    const style = `background: rgb(${r} ${g} ${b}); color: ${ink}`
    return h(
      "div",
      {class: "square", role: "listitem", title: hints[cell], "aria-label": hints[cell], style},
      texts[cell],
    )
  })
  const [rows, columns] = sizes.length ? sizes : grid.map((count) => Array(count).fill(1))
  const [height, width] = [rows, columns].map((all) => all.reduce((sum, size) => sum + size, 0))
  const tracks = (all) => all.map((size) => `minmax(0, ${size}fr)`).join(" ")
  const style = `aspect-ratio: ${width} / ${height}; grid-template: ${tracks(rows)} / ${tracks(columns)}`
  return h("div", {class: "squares", role: "list", "aria-label": label, style}, cells)
}

/** @param {import("../messages.d.ts").Scale} message */
export function Scale({low, high, signs, hint}) {
  useTheme()
  const steps = Array.from({length: 255}, (_, index) => index - 127)
  const draw = () => colored(steps, [1, 255], 127, signs)
  return h(
    "span",
    {class: "scale", title: hint},
    h("span", {title: low}, low),
    h(Pixels, {
      size: [1, 255],
      draw,
      of: [signs, diverging(signs)],
      class: "map",
      "aria-label": "The scale of the colors",
    }),
    h("span", {title: high}, high),
  )
}
