// Latents as parallel axes, each with its band and a handle, before lines of other images.

import {h} from "../vendor/preact/preact.mjs"
import {values} from "./bytes.js"
import {axisWords, digits, KEYS, press, TOP, usePull} from "./latents_editor.js"
import {Painting} from "./painting.js"

// Standard deviations: the end of the axis of folded latents, and the step of a key.
const [FOLDED, FOLDED_STEP] = [2.5, 0.05]
// CSS pixels: beside the axes, between two whose lines stand apart, of a line where there is one axis.
const [PAD, SPARSE, DASH] = [26, 30, 16]

/** All of them side by side, the folded one last. */
export function AxesPlot({message, editor, width, height}) {
  const {axes, folded, places} = message
  const {scales} = editor
  const {pull, pulling} = usePull(editor)
  const count = axes.length + (folded ? 1 : 0)
  const step = (width - 2 * PAD) / Math.max(1, count - 1)
  const x = (index) => (count > 1 ? PAD + index * step : width / 2)
  const wide = Math.max(4, Math.min(18, step - 6))
  const every = Math.max(1, Math.ceil(24 / Math.max(step, 1)))
  const line = (value) => axes.map((_, index) => `${x(index)},${scales.y(index, value(index))}`).join(" ")
  const paint = (context) => paintLines(context, message, {x, step, scales})
  return [
    h(Painting, {
      class: "painting behind",
      "data-images": places.byteLength / (1 + axes.length),
      width,
      height,
      paint,
      inputs: [places, axes],
    }),
    h(
      "svg",
      {viewBox: `0 0 ${width} ${height}`, ...pulling},
      axes.map((_, index) => {
        const named = index % every === 0 || axes.length === 1
        return h(Axis, {editor, pull, index, x: x(index), wide, named})
      }),
      folded && h(FoldedAxis, {editor, pull, x: x(axes.length), wide}),
      h("polyline", {class: "own", points: line((index) => axes[index].value)}),
      editor.any && h("polyline", {class: "now", points: line(editor.value)}),
      axes.map((_, index) => h(Handle, {editor, pull, index, x: x(index)})),
    ),
  ]
}

/** One axis, with its band and its name. */
export function Axis({editor, pull, index, x, wide, named}) {
  const {number, value, low, high, share: part} = editor.axes[index]
  const {scales} = editor
  const band = editor.band(index)
  const y = (at) => scales.y(index, at)
  const tick = (at) => h("line", {class: "tick", x1: x - 4, x2: x + 4, y1: y(at), y2: y(at)})
  const text = (words, up) => h("text", {x, y: scales.height - up, "text-anchor": "middle"}, words)
  const percent = part !== null && `${(100 * part).toFixed(part < 0.0995 ? 1 : 0)} %`
  const [foot, top] = scales.ends[index]
  return h(
    "g",
    {},
    h("line", {class: "axis", x1: x, x2: x, y1: y(top), y2: y(foot)}),
    band !== null &&
      h(Band, {
        x,
        wide,
        top: y(value + band),
        foot: y(value - band),
        moved: editor.stretched(index),
        name: index,
        hint: `Neighbors are drawn within ${digits(value)} ± ${band.toFixed(2)}. Double click: back`,
        pull,
        follow: (to) => editor.stretch(index, Math.abs(scales.value(index, to) - value)),
        back: () => editor.stretch(index, null),
      }),
    tick(low),
    tick(high),
    named && (percent ? [text(number + 1, 16), text(percent, 3)] : text(`z${number}`, 16)),
  )
}

/** A band and its ends, which move together. */
function Band({x, wide, top, foot, moved, name, hint, pull, follow, back, ...slider}) {
  const end = (side, y) => {
    const place = {x1: x - wide / 2, x2: x + wide / 2, y1: y, y2: y}
    const begin = (event) => pull(event, follow, back)
    const states = {class: `end${moved ? " moved" : ""}`, "data-end": `${name}:${side}`, onPointerDown: begin}
    return h("line", {...states, ...place, ...(side > 0 ? slider : {})}, h("title", {}, hint))
  }
  const height = Math.max(1, foot - top)
  return [
    h("rect", {class: "band", x: x - wide / 2, width: wide, y: top, height}),
    end(1, top),
    end(-1, foot),
  ]
}

/** Where the value is now, to be dragged. */
export function Handle({editor, pull, index, x}) {
  const {scales, axes} = editor
  const {number, share: part} = axes[index]
  const now = editor.value(index)
  const [low, high] = scales.ends[index]
  const slider = {
    tabindex: editor.fixed ? undefined : 0,
    role: "slider",
    "aria-label": part === null ? `Latent ${number}` : `Direction ${number + 1}`,
    "aria-orientation": "vertical",
    "aria-valuenow": now.toFixed(2),
    "aria-valuemin": low.toFixed(2),
    "aria-valuemax": high.toFixed(2),
    onKeyDown: (event) => press(event, editor, index),
    onPointerDown: (event) =>
      pull(
        event,
        (y) => editor.put(index, scales.value(index, y)),
        () => editor.reset(index),
      ),
  }
  const place = {cx: x, cy: scales.y(index, now), r: 6}
  const hint = `${axisWords(axes[index], now)}. Double click: back`
  return h(
    "circle",
    {class: `handle${editor.moved(index) ? " moved" : ""}`, ...place, ...slider},
    h("title", {}, hint),
  )
}

/** The inactive latents as one axis: only a band, in standard deviations of each. */
export function FoldedAxis({editor, pull, x, wide}) {
  const {latents, band, moved} = editor.folded
  const {tall, height} = editor.scales
  const [middle, unit] = [TOP + tall / 2, tall / 2 / FOLDED]
  const put = (value) => editor.fold(Math.max(0, Math.min(FOLDED, value)))
  const key = (event) => {
    if (event.key === "Home") editor.fold(null)
    else if (event.key in KEYS) put(band + KEYS[event.key] * FOLDED_STEP)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const far = `${band.toFixed(2)} standard deviations of each of the ${latents} latents that say nothing`
  const text = (words, up) => h("text", {x, y: height - up, "text-anchor": "middle"}, words)
  return h(
    "g",
    {class: "folded"},
    h("line", {class: "axis", x1: x, x2: x, y1: TOP, y2: TOP + tall}),
    h("line", {class: "tick", x1: x - 4, x2: x + 4, y1: middle, y2: middle}),
    h(Band, {
      x,
      wide,
      top: middle - unit * band,
      foot: middle + unit * band,
      moved,
      name: "folded",
      hint: `Neighbors are drawn within ${far}. Double click: back`,
      pull,
      follow: (y) => put(Math.abs(y - middle) / unit),
      back: () => editor.fold(null),
      tabindex: editor.fixed ? undefined : 0,
      role: "slider",
      "aria-label": `Band of ${latents} other latents`,
      "aria-orientation": "vertical",
      "aria-valuenow": band.toFixed(2),
      "aria-valuemin": 0,
      "aria-valuemax": FOLDED,
      onKeyDown: key,
    }),
    text(`${latents} other${latents === 1 ? "" : "s"}`, 16),
    text(`${band.toFixed(2)} sd`, 3),
  )
}

/** Lines of other images, in the colors of their classes. On a single axis they are dashes. */
function paintLines(context, {axes, places, reach, colors}, {x, step, scales}) {
  const stride = 1 + axes.length
  const held = values(places, Int8Array)
  const count = held.length / stride
  context.globalAlpha = Math.max(0.07, Math.min(0.4, 32 / count) * Math.min(1, step / SPARSE))
  for (let line = 0; line < held.length; line += stride) {
    context.strokeStyle = colors[held[line]]
    context.beginPath()
    for (const [index, {center, spread}] of axes.entries()) {
      const y = scales.y(index, center + (spread * reach * held[line + 1 + index]) / 127)
      if (axes.length === 1) context.moveTo(x(index) - DASH, y)
      context.lineTo(x(index) + (axes.length === 1 ? DASH : 0), y)
    }
    context.stroke()
  }
}
