// Points are stamped into an image of their own, pixel by pixel: at 20,000 of them a path for each would be too slow.

const CLEAR = 0.15 // margins below are the boundary, which has no hue
const NO_CELL = 255 // nothing is known of it
const HATCH = 7 // CSS pixels from one line to the next
const DOUBT = 0.55 // of its color that doubtful ground keeps
export const SOLID = 3,
  DOUBTFUL = 1 // of the 15 nearest kept: fewer are faded, and fewer still hollow

export const rgb = (text) => [1, 3, 5].map((from) => parseInt(text.slice(from, from + 2), 16))
const mix = (one, other, share) => one.map((value, k) => value + (other[k] - value) * share)

/** How a point is drawn. The bits of a key; colors of label and prediction follow. */
export const SMALL = 1,
  WRONG = 2,
  FADED = 4,
  LARGE = 8,
  PALE = 16,
  HOLLOW = 32

/** Stamps by their key: offsets and colors of pixels, packed as an image has them. */
export class Stamps {
  constructor(colors, halo, radius) {
    Object.assign(this, {colors: colors.map(rgb), halo, radius, known: new Map()})
  }

  get(kind, label, predicted) {
    const key = kind | (label << 8) | (predicted << 16)
    if (!this.known.has(key)) this.known.set(key, this.make(kind, this.colors[label], this.colors[predicted]))
    return this.known.get(key)
  }

  make(kind, label, predicted) {
    const size = this.radius * (kind & LARGE ? 1.5 : kind & SMALL ? 0.72 : 1)
    const core = kind & WRONG && !(kind & SMALL && !(kind & LARGE)) ? size * 1.3 : size
    const halo =
      (kind & SMALL && !(kind & LARGE)) || kind & (FADED | PALE | HOLLOW)
        ? 0
        : Math.max(0.8, this.radius * 0.3)
    const strength =
        kind & FADED
          ? 0.16
          : kind & PALE
            ? kind & LARGE
              ? 0.6
              : 0.36
            : kind & HOLLOW
              ? kind & LARGE
                ? 0.9
                : 0.6
              : 1,
      reach = Math.ceil(core + halo)
    const found = {dx: [], dy: [], ink: []}
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        const far = Math.hypot(dx, dy),
          inside = (radius) => Math.max(0, Math.min(1, radius - far + 0.5))
        const outer = inside(core + halo),
          cover = inside(core)
        let alpha = Math.max(cover, 0.75 * outer),
          paint = mix(this.halo, label, outer ? cover / Math.max(cover, 0.75 * outer) : 0)
        if (kind & WRONG && !(kind & HOLLOW)) {
          const hole = inside(core * 0.68),
            dot = inside(core * 0.44)
          paint = mix(mix(paint, this.halo, hole), predicted, dot)
        } else if (kind & HOLLOW) {
          const hole = inside(core - Math.max(0.9, core * 0.36))
          paint = mix(paint, this.halo, hole)
          alpha *= 1 - 0.5 * hole
        }
        if (alpha < 0.02) continue
        found.dx.push(dx)
        found.dy.push(dy)
        found.ink.push(
          ((Math.round(255 * alpha * strength) << 24) |
            (Math.round(paint[2]) << 16) |
            (Math.round(paint[1]) << 8) |
            Math.round(paint[0])) >>>
            0,
        )
      }
    }
    return {dx: Int16Array.from(found.dx), dy: Int16Array.from(found.dy), ink: Uint32Array.from(found.ink)}
  }
}

/** Lays a stamp over an image of packed colors, whose alpha is not multiplied in. */
export function stamp(pixels, width, height, x, y, {dx, dy, ink}) {
  for (let k = 0; k < ink.length; k++) {
    const px = x + dx[k],
      py = y + dy[k]
    if (px < 0 || py < 0 || px >= width || py >= height) continue
    const at = py * width + px,
      color = ink[k],
      alpha = color >>> 24,
      under = pixels[at]
    if (alpha === 255 || !under) {
      pixels[at] = color
      continue
    }
    const below = under >>> 24,
      total = alpha + (below * (255 - alpha)) / 255,
      share = alpha / total
    const red = (under & 255) + ((color & 255) - (under & 255)) * share
    const green = ((under >> 8) & 255) + (((color >> 8) & 255) - ((under >> 8) & 255)) * share
    const blue = ((under >> 16) & 255) + (((color >> 16) & 255) - ((under >> 16) & 255)) * share
    pixels[at] = ((total << 24) | (blue << 16) | (green << 8) | red) >>> 0
  }
}

/** A landscape as a picture: hue is the class, shade the margin, and what no class wins clearly has no hue. */
export function scenery(decided, margin, side, colors, {ground, edge, dark, doubted}) {
  const canvas = new OffscreenCanvas(side, side),
    picture = new ImageData(side, side),
    pixels = new Uint32Array(picture.data.buffer)
  const tones = colors.map((text) => Array.from({length: 256}, (_, value) => tone(rgb(text), value / 255)))

  function tone(hue, lead) {
    const sure = Math.max(0, lead - CLEAR) / (1 - CLEAR)
    return mix(edge, mix(ground, hue, 0.5), dark ? Math.min(1, 0.2 + 1.4 * sure) : sure)
  }

  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const at = y * side + x,
        cell = decided[at]
      if (cell === NO_CELL) continue
      let paint = tones[cell & 127][margin[at]]
      if (doubted && cell & 128) paint = mix(ground, paint, DOUBT)
      pixels[(side - 1 - y) * side + x] = ((255 << 24) | (paint[2] << 16) | (paint[1] << 8) | paint[0]) >>> 0
    }
  }
  canvas.getContext("2d").putImageData(picture, 0, 0)
  return canvas
}

/** The doubtful cells of a landscape: opaque where they are. */
export function doubtful(decided, side) {
  const canvas = new OffscreenCanvas(side, side),
    picture = new ImageData(side, side),
    pixels = new Uint32Array(picture.data.buffer)
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      if (decided[y * side + x] & 128 && decided[y * side + x] !== NO_CELL)
        pixels[(side - 1 - y) * side + x] = 255 << 24
  canvas.getContext("2d").putImageData(picture, 0, 0)
  return canvas
}

/** Thin lines, to fill a shape with. */
export function hatching(context, ink, ratio) {
  const size = Math.round(HATCH * ratio),
    tile = new OffscreenCanvas(size, size),
    lines = tile.getContext("2d")
  lines.strokeStyle = ink
  lines.lineWidth = ratio
  lines.beginPath()
  for (const at of [-size, 0, size]) {
    lines.moveTo(at, size)
    lines.lineTo(at + size, 0)
  }
  lines.stroke()
  return context.createPattern(tile, "repeat")
}
