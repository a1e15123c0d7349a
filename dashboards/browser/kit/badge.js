// How far an explanation can be believed, as one sign in every view.

import {h} from "../vendor/preact/preact.mjs"

const SIZE = 13 // CSS pixels, in a text

export const UNKNOWN = 0,
  CANNOT_TELL = 1,
  WEAK = 2,
  EXPLAINED = 3 // deepvid.trust.Verdict

/** A verdict by its shape and its color: a tick, a half, a question mark, a dot. */
export function badge(context, x, y, size, verdict, fill) {
  const radius = size / 2
  const disc = (r, paint, from = 0, to = 2 * Math.PI) => {
    context.beginPath()
    context.arc(x, y, r, from, to)
    context.fillStyle = paint
    context.fill()
  }
  if (verdict === UNKNOWN) {
    disc(radius / 2, fill)
    return
  }
  disc(radius, "#fff")
  if (verdict === EXPLAINED) disc(radius - 1, fill)
  else {
    context.strokeStyle = fill
    context.lineWidth = size / 9
    context.beginPath()
    context.arc(x, y, radius - 1 - size / 18, 0, 2 * Math.PI)
    context.stroke()
  }
  if (verdict === EXPLAINED) {
    context.strokeStyle = "#fff"
    context.lineWidth = size / 7
    context.lineJoin = context.lineCap = "round"
    context.beginPath()
    context.moveTo(x - 0.21 * size, y + 0.01 * size)
    context.lineTo(x - 0.05 * size, y + 0.17 * size)
    context.lineTo(x + 0.22 * size, y - 0.15 * size)
    context.stroke()
  } else if (verdict === WEAK) disc(radius - 1, fill, Math.PI / 2, 1.5 * Math.PI)
  else {
    context.fillStyle = fill
    context.font = `bold ${0.72 * size}px sans-serif`
    context.textAlign = "center"
    context.textBaseline = "middle"
    context.fillText("?", x, y + 0.04 * size)
  }
}

const pictures = new Map()

/** Attributes of the same as a picture in a text. */
export function badgeImage(size, verdict, fill) {
  const [scale, side, name] = [3, size + 2, `${size} ${verdict} ${fill}`]
  if (!pictures.has(name)) {
    const canvas = Object.assign(document.createElement("canvas"), {
      width: side * scale,
      height: side * scale,
    })
    const context = canvas.getContext("2d")
    context.scale(scale, scale)
    badge(context, side / 2, side / 2, size, verdict, fill)
    pictures.set(name, {src: canvas.toDataURL(), alt: "", width: side, height: side})
  }
  return pictures.get(name)
}

/** @param {import("../messages.d.ts").Badge} message */
export const Badge = ({verdict, color}) => h("img", badgeImage(SIZE, verdict, color))
