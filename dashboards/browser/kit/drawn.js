// An image that can be drawn on: what is painted, then moved and turned as a whole. Bytes (y, x, channel).

const MOST_UNDONE = 100

/** What is outside an image: the median of its border, channel by channel. */
function background(pixels, [height, width, channels]) {
  const border = Array.from({length: channels}, () => [])
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (y && x && y < height - 1 && x < width - 1) continue
      for (let c = 0; c < channels; c++) border[c].push(pixels[(y * width + x) * channels + c])
    }
  return border.map((values) => values.sort((a, b) => a - b)[values.length >> 1])
}

/** Moved by whole pixels and turned about its center, by bilinear weights; what comes from outside is `fill`. */
function placed(pixels, [height, width, channels], {right, down, angle}, fill) {
  if (!right && !down && !angle) return pixels.slice()
  const found = new Uint8ClampedArray(pixels.length)
  const turn = (angle * Math.PI) / 180,
    cos = Math.cos(turn),
    sin = Math.sin(turn),
    cy = (height - 1) / 2,
    cx = (width - 1) / 2
  const at = (y, x, c) =>
    y < 0 || x < 0 || y >= height || x >= width ? fill[c] : pixels[(y * width + x) * channels + c]
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const v = y - cy - down,
        u = x - cx - right
      const fromY = Math.abs(angle) % 360 ? cy - sin * u + cos * v : y - down,
        fromX = Math.abs(angle) % 360 ? cx + cos * u + sin * v : x - right
      const top = Math.floor(fromY),
        left = Math.floor(fromX),
        below = fromY - top,
        beside = fromX - left
      for (let c = 0; c < channels; c++) {
        const upper = at(top, left, c) * (1 - beside) + (beside ? at(top, left + 1, c) * beside : 0)
        const lower = below
          ? at(top + 1, left, c) * (1 - beside) + (beside ? at(top + 1, left + 1, c) * beside : 0)
          : 0
        found[(y * width + x) * channels + c] = upper * (1 - below) + lower * below
      }
    }
  return found
}

/** A disc of `radius` pixels along a line; what lies outside the image is clipped. */
function stroked(pixels, [height, width, channels], [fromX, fromY], [toX, toY], radius, value) {
  const low = (a, b) => Math.max(0, Math.floor(Math.min(a, b) - radius)),
    high = (a, b, end) => Math.min(end - 1, Math.ceil(Math.max(a, b) + radius))
  const dx = toX - fromX,
    dy = toY - fromY,
    length = dx * dx + dy * dy
  for (let y = low(fromY, toY); y <= high(fromY, toY, height); y++)
    for (let x = low(fromX, toX); x <= high(fromX, toX, width); x++) {
      const along = length
        ? Math.max(0, Math.min(1, ((x + 0.5 - fromX) * dx + (y + 0.5 - fromY) * dy) / length))
        : 0
      if (Math.hypot(x + 0.5 - fromX - along * dx, y + 0.5 - fromY - along * dy) > radius) continue
      for (let c = 0; c < channels; c++) pixels[(y * width + x) * channels + c] = value[c]
    }
}

/** What is drawn, with its past. */
export function drawingOf(stored, shape) {
  const fill = background(stored, shape),
    still = {right: 0, down: 0, angle: 0}
  let painted = Uint8ClampedArray.from(stored),
    place = {...still},
    past = []
  const keep = () => {
    past.push([painted.slice(), {...place}])
    if (past.length > MOST_UNDONE) past.shift()
  }
  return {
    fill,
    get place() {
      return place
    },
    get changed() {
      return past.length > 0
    },
    pixels: () => placed(painted, shape, place, fill),
    /** A stroke, a move or a turn begins: what was is kept once for all of it. */
    begin: keep,
    stroke(from, to, radius, value) {
      if (place.right || place.down || place.angle) {
        painted = placed(painted, shape, place, fill)
        place = {...still}
      }
      stroked(painted, shape, from, to, radius, value)
    },
    move: (to) => {
      place = {...place, ...to}
    },
    undo() {
      const last = past.pop()
      if (last) [painted, place] = last
    },
    reset() {
      painted = Uint8ClampedArray.from(stored)
      place = {...still}
      past = []
    },
  }
}
