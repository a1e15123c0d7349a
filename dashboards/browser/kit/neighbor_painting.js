// Tiles with their words, and headings between them, on a canvas.

import {framed, ring} from "../widgets/tiles.js"
import {probability} from "./numbers.js"
import {color} from "./theme.js"

export const [GAP, TEXT, TITLE] = [6, 17, 26] // CSS pixels: between two tiles, of the words below one, of a heading

/** Those that are seen from `top` on, `height` CSS pixels high. */
export function paint(context, {classes, held_out, shape, all, sheet, plan, top, height, chosen}) {
  const {tile: side, size, cell, placed, titles} = plan
  const [ink, quiet, plain] = [color("ink"), color("quiet"), context.font]
  const seen = (from, tall) => from + tall >= top && from <= top + height
  context.textBaseline = "middle"
  for (const {top: from, label, count} of titles.filter((each) => seen(each.top, TITLE))) {
    const {name, color: fill} = classes[label]
    context.fillStyle = fill
    context.fillRect(0, from - top + 7, 10, 10)
    context.font = plain.replace("11px", "600 12px")
    context.fillStyle = ink
    context.fillText(name, 16, from - top + 12)
    const after = 16 + context.measureText(name).width + 8
    context.font = plain.replace("11px", "12px")
    context.fillStyle = quiet
    context.fillText(count, after, from - top + 12)
  }
  context.font = plain
  context.imageSmoothingEnabled = side[0] < shape[0]
  for (const {tile, x, y: from} of placed.filter((each) => seen(each.y, cell[0]))) {
    const [y, {short, color: fill}] = [from - top, classes[all.label[tile]]]
    framed(context, sheet, tile, x, y, side, fill)
    if (all.number[tile] >= held_out) dot(context, x + size[1] - 8, y + 8)
    if (tile === chosen) ring(context, x, y, side, ink, 2.5)
    const number = probability(all.confidence[tile])
    const word = cut(context, short, cell[1] - GAP - context.measureText(number).width - 4)
    context.fillStyle = ink
    context.fillText(word, x, y + size[0] + 9)
    context.fillStyle = quiet
    context.fillText(number, x + context.measureText(word).width + 4, y + size[0] + 9)
  }
}

function dot(context, x, y) {
  context.beginPath()
  context.arc(x, y, 4, 0, 2 * Math.PI)
  for (const [stroke, wide] of [
    ["#000", 3.5],
    ["#fff", 1.8],
  ]) {
    context.strokeStyle = stroke
    context.lineWidth = wide
    context.stroke()
  }
}

function cut(context, text, room) {
  if (context.measureText(text).width <= room) return text
  let end = text.length
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > room) end--
  return `${text.slice(0, end).trimEnd()}…`
}
