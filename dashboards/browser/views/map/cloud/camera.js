// How a point of the unit ball comes to the screen. A view is three rows of four, as the server's `Map3D.inside`:
// (point, 1) goes to (a, b, w), which is seen at (a / w, b / w) in units of half the picture's smaller side, y up.

const DISTANCE = 3.2 // of the eye from the middle, in radii: near enough that what is near looks larger
const FIT = 1.02 // of the ball in the picture: corners of a ball are mostly empty
const FIRST = multiplied(turnAcross(0.35), turnUpright(-0.5)) // from above and beside: on its first sight it has depth
const NEAREST = 0.4,
  FARTHEST = 40 // zoom

function turnUpright(angle) {
  const [c, s] = [Math.cos(angle), Math.sin(angle)]
  return [c, 0, s, 0, 1, 0, -s, 0, c]
}

function turnAcross(angle) {
  const [c, s] = [Math.cos(angle), Math.sin(angle)]
  return [1, 0, 0, 0, c, -s, 0, s, c]
}

/** The product of two 3 x 3 matrices, row by row. */
function multiplied(first, second) {
  return Array.from({length: 9}, (_, i) =>
    [0, 1, 2].reduce((sum, k) => sum + first[i - (i % 3) + k] * second[3 * k + (i % 3)], 0),
  )
}

export class Camera {
  constructor() {
    this.reset()
  }

  reset() {
    this.turned = FIRST
    this.zoom = 1
    this.shift = [0, 0]
  }

  /** Turns the ball by angles to the right and down, as the screen has them. */
  turn(right, down) {
    this.turned = multiplied(multiplied(turnAcross(down), turnUpright(right)), this.turned)
  }

  /** Comes nearer by a factor; what is seen at (x, y) stays there. */
  approach(factor, x = 0, y = 0) {
    const zoom = Math.min(FARTHEST, Math.max(NEAREST, this.zoom * factor)),
      by = zoom / this.zoom
    this.shift = [x + (this.shift[0] - x) * by, y + (this.shift[1] - y) * by]
    this.zoom = zoom
  }

  /** The rows a, b and w of the view, and how near a point is: -1 to 1. */
  rows() {
    const t = this.turned,
      scale = FIT * this.zoom,
      [x, y] = this.shift
    const near = [t[6], t[7], t[8], 0],
      w = [...near.slice(0, 3).map((value) => -value / DISTANCE), 1]
    const across = (from, by) => [0, 1, 2, 3].map((k) => (k < 3 ? scale * t[from + k] : 0) + by * w[k])
    return {a: across(0, x), b: across(3, y), w, near}
  }

  /** The view for points as the server has them: `middle` and `radius` are those of the ball. */
  view(middle, radius) {
    const {a, b, w} = this.rows()
    return [a, b, w].flatMap((row) => {
      const slope = row.slice(0, 3).map((value) => value / radius)
      return [...slope, row[3] - slope.reduce((sum, value, k) => sum + value * middle[k], 0)]
    })
  }
}

export const dot = (row, x, y, z) => row[0] * x + row[1] * y + row[2] * z + row[3]

/** Where a point is seen, and how near it is. */
export function seen({a, b, w, near}, [x, y, z]) {
  const over = dot(w, x, y, z)
  return {x: dot(a, x, y, z) / over, y: dot(b, x, y, z) / over, near: dot(near, x, y, z)}
}
