// Points stamped into an image, pixel by pixel: at 20,000 of them a path for each would be too slow.

/** Red, green and blue of `#rrggbb`, 0 to 255. */
export const rgb = (text) => [1, 3, 5].map((from) => parseInt(text.slice(from, from + 2), 16))

/** A color between two. */
export const mix = (one, other, share) => one.map((value, k) => value + (other[k] - value) * share)

/** A color as an image packs it; `alpha` is 0 to 1. */
export const packed = (color, alpha = 1) =>
  [255 * alpha, color[2], color[1], color[0]].reduce((all, part) => (all << 8) | Math.round(part), 0) >>> 0

/** How much a disc covers of a pixel that is `far` from its middle. */
export const cover = (radius, far) => Math.max(0, Math.min(1, radius - far + 0.5))

/** A stamp, in whose middle is a pixel; `paint(far)` is its [color, alpha], `reach` how far it goes at most. */
export function stamp(reach, paint) {
  const [dx, dy, ink] = [[], [], []]
  for (let y = -reach; y <= reach; y++)
    for (let x = -reach; x <= reach; x++) {
      const [color, alpha] = paint(Math.hypot(x, y))
      if (alpha < 0.02) continue
      dx.push(x)
      dy.push(y)
      ink.push(packed(color, alpha))
    }
  return {reach, dx: Int16Array.from(dx), dy: Int16Array.from(dy), ink: Uint32Array.from(ink)}
}

/** A stamp that is a disc. */
export const disc = (radius, color) => stamp(Math.ceil(radius), (far) => [color, cover(radius, far)])

/** The image that a canvas shows once all is stamped. */
export class Sheet {
  width = 0 // its own, for an image would be asked at each point
  height = 0
  ratio = 1

  begin(canvas, ratio) {
    const {width, height} = canvas
    this.context = canvas.getContext("2d")
    if (this.width !== width || this.height !== height) {
      this.image = this.context.createImageData(width, height)
      this.pixels = new Uint32Array(this.image.data.buffer)
    }
    Object.assign(this, {width, height, ratio})
    this.pixels.fill(0)
  }

  end() {
    this.context.putImageData(this.image, 0, 0)
  }

  /** Lays a stamp over what is there, at a spot in CSS pixels; one that is NaN is nowhere. */
  put(left, top, {reach, dx, dy, ink}) {
    const {pixels, width, height, ratio} = this
    const x = Math.round(left * ratio)
    const y = Math.round(top * ratio)
    if (!(x >= -reach && y >= -reach && x < width + reach && y < height + reach)) return
    for (let k = 0; k < ink.length; k++) {
      const px = x + dx[k]
      const py = y + dy[k]
      if (px < 0 || py < 0 || px >= width || py >= height) continue
      const at = py * width + px
      pixels[at] = ink[k] >>> 24 === 255 || !pixels[at] ? ink[k] : over(ink[k], pixels[at])
    }
  }
}

/** A packed color over another; alpha is not multiplied in. */
function over(color, under) {
  const alpha = color >>> 24
  const total = alpha + ((under >>> 24) * (255 - alpha)) / 255
  const share = alpha / total
  const red = (under & 255) + ((color & 255) - (under & 255)) * share
  const green = ((under >> 8) & 255) + (((color >> 8) & 255) - ((under >> 8) & 255)) * share
  const blue = ((under >> 16) & 255) + (((color >> 16) & 255) - ((under >> 16) & 255)) * share
  return ((total << 24) | (blue << 16) | (green << 8) | red) >>> 0
}
