// Pictures on a canvas, each in a frame of its true class's color.

import {color} from "../kit/theme.js"

export const BORDER = 2 // CSS pixels of a frame

/** Pictures, uint8 (tile, y, x, channel), side by side on one canvas. */
export function sheetOf(held, shape, count) {
  const [height, width, channels] = shape ?? [1, 1, 1],
    columns = Math.max(1, Math.ceil(Math.sqrt(count)))
  const picture = new ImageData(columns * width, Math.max(1, Math.ceil(count / columns)) * height)
  const bytes = new Uint8Array(held),
    [green, blue] = channels === 3 ? [1, 2] : [0, 0]
  for (let row = 0, from = 0; row < count * height; row++) {
    const tile = Math.floor(row / height),
      down = Math.floor(tile / columns) * height + (row % height)
    let to = 4 * (down * picture.width + (tile % columns) * width)
    for (let column = 0; column < width; column++, from += channels, to += 4) {
      picture.data[to] = bytes[from]
      picture.data[to + 1] = bytes[from + green]
      picture.data[to + 2] = bytes[from + blue]
      picture.data[to + 3] = 255
    }
  }
  const canvas = new OffscreenCanvas(picture.width, picture.height)
  canvas.getContext("2d").putImageData(picture, 0, 0)
  return {canvas, columns, count, height, width}
}

/** One picture of a sheet in its frame. */
export function framed(context, sheet, index, x, y, [height, width], frame) {
  context.fillStyle = frame
  context.fillRect(x, y, width + 2 * BORDER, height + 2 * BORDER)
  const across = index % sheet.columns,
    down = Math.floor(index / sheet.columns)
  context.drawImage(
    sheet.canvas,
    across * sheet.width,
    down * sheet.height,
    sheet.width,
    sheet.height,
    x + BORDER,
    y + BORDER,
    width,
    height,
  )
}

/** The upper right corner in the color of the class that a picture was taken for. */
export function corner(context, right, top, fill) {
  const size = 12
  context.fillStyle = fill
  context.strokeStyle = "#fff"
  context.lineWidth = 1.5
  context.beginPath()
  context.moveTo(right - size, top)
  context.lineTo(right, top)
  context.lineTo(right, top + size)
  context.closePath()
  context.fill()
  context.beginPath()
  context.moveTo(right - size, top)
  context.lineTo(right, top + size)
  context.stroke()
}

/** A line around a frame. */
export function ring(context, x, y, [height, width], stroke, thickness) {
  context.strokeStyle = color("surface")
  context.lineWidth = thickness + 2
  context.strokeRect(x + 1, y + 1, width + 2 * BORDER - 2, height + 2 * BORDER - 2)
  context.strokeStyle = stroke
  context.lineWidth = thickness
  context.strokeRect(x, y, width + 2 * BORDER, height + 2 * BORDER)
}

/** A flag in the upper left corner: a person takes the true class for wrong. */
export function flag(context, x, y, size) {
  const at = (right, down) => [x + right * size, y + down * size]
  context.fillStyle = color("surface")
  context.fillRect(x, y, size, size)
  context.strokeStyle = context.fillStyle = color("accent")
  context.lineWidth = 1.5
  context.lineJoin = "round"
  context.beginPath()
  context.moveTo(...at(0.28, 0.88))
  context.lineTo(...at(0.28, 0.14))
  context.lineTo(...at(0.84, 0.14))
  context.lineTo(...at(0.68, 0.35))
  context.lineTo(...at(0.84, 0.56))
  context.lineTo(...at(0.28, 0.56))
  context.stroke()
  context.fill()
}
