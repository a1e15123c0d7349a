// Arrays of a message: a buffer of its own, or a view into a larger one.

/** The values of a message's bytes; they are copied where a view of this type cannot begin. */
export function values(held, Type) {
  const [buffer, offset] = held instanceof ArrayBuffer ? [held, 0] : [held.buffer, held.byteOffset]
  const count = held.byteLength / Type.BYTES_PER_ELEMENT
  if (offset % Type.BYTES_PER_ELEMENT === 0) return new Type(buffer, offset, count)
  return new Type(buffer.slice(offset, offset + held.byteLength))
}

/**
 * Pixels, uint8 (y, x, channel) of one, three or, with opacity, four channels, as a canvas takes them.
 * @param {Uint8Array} pixels
 * @param {number[]} shape
 */
export function imageData(pixels, [height, width, channels]) {
  const image = new ImageData(width, height)
  const [green, blue] = channels >= 3 ? [1, 2] : [0, 0]
  for (let from = 0, to = 0; to < image.data.length; from += channels, to += 4) {
    image.data[to] = pixels[from]
    image.data[to + 1] = pixels[from + green]
    image.data[to + 2] = pixels[from + blue]
    image.data[to + 3] = channels === 4 ? pixels[from + 3] : 255
  }
  return image
}
