import {svgNode} from "../../widgets/dom.js"
import {share} from "../../widgets/share.js"
import {TOP} from "./scales.js"

const STEPS = 50 // of a key, from end to end of an axis
const FOLDED = 2.5,
  FOLDED_STEP = 0.05 // standard deviations: the end of the axis of folded latents, and the step of a key
const SPARSE = 30 // CSS pixels between axes from which lines stand apart
const DASH = 16

const keyed = {ArrowUp: 1, ArrowDown: -1, PageUp: 5, PageDown: -5}
const digits = (value, count = 2) => value.toFixed(count).replace("-", "−")
const hinted = (text) => svgNode("title", {}, text)

/** What is said of an axis and of a value on it. */
export function axisInWords({number, value, deviation, kl, sensitivity, share: part}, now) {
  const own = `${digits(now)}, the image's own is ${digits(value)} ± ${deviation.toFixed(2)}`
  if (part !== null)
    return `Direction ${number + 1}: ${own}; it holds ${(100 * part).toFixed(1)} % of the variance`
  return `Latent ${number}: ${own}; it says ${kl.toFixed(2)} nats${sensitivity === null ? "" : ` and moves the probability of the predicted class by ${share(sensitivity)}`}`
}

/** Moves a value, with Shift a band; says whether the key was one of these. */
export function axisKey(event, editor, index, at) {
  const [low, high] = at.ends[index],
    by = (keyed[event.key] * (high - low)) / STEPS
  if (event.key === "Home") editor.reset(index)
  else if (Number.isNaN(by)) return false
  else if (!event.shiftKey) editor.put(index, editor.value(index) + by)
  else if (editor.band(index) !== null) editor.stretch(index, editor.band(index) + by)
  event.preventDefault()
  event.stopPropagation()
  return true
}

/** One axis at `x`, with its band and its name. */
export function drawnAxis(editor, index, x, wide, at, named) {
  const {number, value, low, high, share: part} = editor.axes()[index],
    band = editor.band(index)
  const line = (kind, of, half) =>
    svgNode("line", {class: kind, x1: x - half, x2: x + half, y1: at.y(index, of), y2: at.y(index, of)})
  const text = (words, up) => svgNode("text", {x, y: at.height - up, "text-anchor": "middle"}, words)
  const names =
    part === null
      ? [text(`z${number}`, 16)]
      : [text(number + 1, 16), text(`${(100 * part).toFixed(part < 0.0995 ? 1 : 0)} %`, 3)]
  return svgNode(
    "g",
    {},
    svgNode("line", {
      class: "axis",
      x1: x,
      x2: x,
      y1: at.y(index, at.ends[index][1]),
      y2: at.y(index, at.ends[index][0]),
    }),
    band === null
      ? null
      : drawnBand({
          x,
          wide,
          top: at.y(index, value + band),
          foot: at.y(index, value - band),
          moved: editor.stretched(index),
          key: index,
          hint: `Neighbors are drawn within ${digits(value)} ± ${band.toFixed(2)}. Double click: back`,
          follow: (y) => editor.stretch(index, Math.abs(at.value(index, y) - value)),
          back: () => editor.stretch(index, null),
          drag: editor.drag,
        }),
    line("tick", low, 4),
    line("tick", high, 4),
    named ? names : null,
  )
}

/** A band and its ends, which move together. */
function drawnBand({x, wide, top, foot, moved, key, hint, follow, back, drag, ...slider}) {
  const end = (side, y) =>
    svgNode(
      "line",
      {
        class: `end${moved ? " moved" : ""}`,
        "data-end": `${key}:${side}`,
        x1: x - wide / 2,
        x2: x + wide / 2,
        y1: y,
        y2: y,
        ...(side > 0 ? slider : {}),
        pointerdown: (event) => drag(event, follow, back),
      },
      hinted(hint),
    )
  return [
    svgNode("rect", {class: "band", x: x - wide / 2, width: wide, y: top, height: Math.max(1, foot - top)}),
    end(1, top),
    end(-1, foot),
  ]
}

/** Where the value is now, to be dragged. */
export function drawnHandle(editor, index, x, at) {
  const axis = editor.axes()[index],
    now = editor.value(index),
    [low, high] = at.ends[index]
  return svgNode(
    "circle",
    {
      class: `handle${editor.moved(index) ? " moved" : ""}`,
      cx: x,
      cy: at.y(index, now),
      r: 6,
      "data-focus": index,
      tabindex: editor.refusal() ? null : 0,
      role: "slider",
      "aria-label": axis.share === null ? `Latent ${axis.number}` : `Direction ${axis.number + 1}`,
      "aria-orientation": "vertical",
      "aria-valuenow": now.toFixed(2),
      "aria-valuemin": low.toFixed(2),
      "aria-valuemax": high.toFixed(2),
      keydown: (event) => axisKey(event, editor, index, at),
      pointerdown: (event) => {
        if (
          editor.drag(
            event,
            (y) => editor.put(index, at.value(index, y)),
            () => editor.reset(index),
          )
        )
          event.currentTarget.focus()
      },
    },
    hinted(`${axisInWords(axis, now)}. Double click: back`),
  )
}

/** The inactive latents as one axis: only a band, in standard deviations of each. */
export function drawnFolded(editor, x, wide, at) {
  const {count, band, moved} = editor.folded(),
    middle = TOP + at.tall / 2,
    per = at.tall / 2 / FOLDED
  const put = (value) => editor.fold(Math.max(0, Math.min(FOLDED, value)))
  const key = (event) => {
    if (event.key === "Home") editor.fold(null)
    else if (event.key in keyed) put(band + keyed[event.key] * FOLDED_STEP)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return svgNode(
    "g",
    {class: "folded"},
    svgNode("line", {class: "axis", x1: x, x2: x, y1: TOP, y2: TOP + at.tall}),
    svgNode("line", {class: "tick", x1: x - 4, x2: x + 4, y1: middle, y2: middle}),
    drawnBand({
      x,
      wide,
      top: middle - per * band,
      foot: middle + per * band,
      moved,
      key: "folded",
      drag: editor.drag,
      follow: (y) => put(Math.abs(y - middle) / per),
      back: () => editor.fold(null),
      hint: `Neighbors are drawn within ${band.toFixed(2)} standard deviations of each of the ${count} latents that say nothing. Double click: back`,
      "data-focus": "folded",
      tabindex: editor.refusal() ? null : 0,
      role: "slider",
      "aria-label": `Band of ${count} other latents`,
      "aria-orientation": "vertical",
      "aria-valuenow": band.toFixed(2),
      "aria-valuemin": 0,
      "aria-valuemax": FOLDED,
      keydown: key,
    }),
    svgNode(
      "text",
      {x, y: at.height - 16, "text-anchor": "middle"},
      `${count} other${count === 1 ? "" : "s"}`,
    ),
    svgNode("text", {x, y: at.height - 3, "text-anchor": "middle"}, `${band.toFixed(2)} sd`),
  )
}

/** Lines of other images, in the colors of their classes; `axes` stand at `x(index)`. On a single one they are dashes. */
export function paintLines(context, places, count, axes, {x, step}, at, {reach, colors}) {
  const stride = 1 + axes.length
  context.lineWidth = 1
  context.globalAlpha = Math.max(0.07, Math.min(0.4, 32 / count) * Math.min(1, step / SPARSE))
  for (let line = 0; line < count; line++) {
    context.strokeStyle = colors[places[line * stride]]
    context.beginPath()
    axes.forEach(({center, spread}, index) => {
      const y = at.y(index, center + (spread * reach * places[line * stride + 1 + index]) / 127)
      if (axes.length === 1) context.moveTo(x(index) - DASH, y)
      context.lineTo(x(index) + (axes.length === 1 ? DASH : 0), y)
    })
    context.stroke()
  }
  context.globalAlpha = 1
}
