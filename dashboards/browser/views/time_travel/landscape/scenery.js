// A landscape as a picture: hue is the class, shade the margin, and what no class wins clearly has no hue.

import {mix, packed, rgb} from "../../../kit/points/sheet.js"

const CLEAR = 0.15 // margins below are the boundary, which has no hue
const NO_CELL = 255 // nothing is known of it
const DOUBT = 0.55 // of its color that doubtful ground keeps
const HATCH = 7 // CSS pixels from one line to the next

export function scenery(decided, margin, side, colors, {ground, edge, dark, doubted}) {
  const tone = (hue, lead) => {
    const sure = Math.max(0, lead - CLEAR) / (1 - CLEAR)
    return mix(edge, mix(ground, hue, 0.5), dark ? Math.min(1, 0.2 + 1.4 * sure) : sure)
  }
  const tones = colors.map((text) => Array.from({length: 256}, (_, value) => tone(rgb(text), value / 255)))
  const inks = tones.map((shades) => shades.map((shade) => packed(shade)))
  const doubts = doubted
    ? tones.map((shades) => shades.map((shade) => packed(mix(ground, shade, DOUBT))))
    : inks
  return drawn(side, (at) => {
    const cell = decided[at]
    return cell === NO_CELL ? 0 : (cell & 128 ? doubts : inks)[cell & 127][margin[at]]
  })
}

/** The doubtful cells of a landscape: opaque where they are. */
export function doubtful(decided, side) {
  return drawn(side, (at) => (decided[at] & 128 && decided[at] !== NO_CELL ? 255 << 24 : 0))
}

/** A picture of cells, the lowest row first, in packed colors. */
function drawn(side, ink) {
  const canvas = new OffscreenCanvas(side, side)
  const picture = new ImageData(side, side)
  const pixels = new Uint32Array(picture.data.buffer)
  for (let at = 0; at < side * side; at++)
    pixels[(side - 1 - Math.floor(at / side)) * side + (at % side)] = ink(at)
  canvas.getContext("2d").putImageData(picture, 0, 0)
  return canvas
}

/** Thin lines, to fill a shape with. */
export function hatching(ink, ratio) {
  const size = Math.round(HATCH * ratio)
  const tile = new OffscreenCanvas(size, size)
  const lines = tile.getContext("2d")
  lines.strokeStyle = ink
  lines.lineWidth = ratio
  for (const at of [-size, 0, size]) {
    lines.moveTo(at, size)
    lines.lineTo(at + size, 0)
  }
  lines.stroke()
  return lines.createPattern(tile, "repeat")
}
