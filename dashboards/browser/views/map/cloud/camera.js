// How a point of the unit ball comes to the screen. A view is three rows of four, as the server's `Map3D.inside`:
// (point, 1) goes to (a, b, w), which is seen at (a / w, b / w) in units of half the picture's smaller side, y up.

const DISTANCE = 3.2 // of the eye from the middle, in radii: near enough that what is near looks larger
const FIT = 1.02 // of the ball in the picture: corners of a ball are mostly empty
const FIRST = multiplied(turnAcross(0.35), turnUpright(-0.5)) // from above and beside: on its first sight it has depth
const [NEAREST, FARTHEST] = [0.4, 40] // zoom
const TURN = 1.6 // radians of half the picture's smaller side

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
  constructor(stage) {
    this.stage = stage
    this.reset()
  }

  reset() {
    this.turned = FIRST
    this.zoom = 1
    this.moved = [0, 0]
    this.stage.draw()
  }

  /** Turns the ball by angles to the right and down, as the screen has them. */
  turn(right, down) {
    this.turned = multiplied(multiplied(turnAcross(down), turnUpright(right)), this.turned)
    this.stage.draw()
  }

  /** Turns it as a hand does that moves by CSS pixels. */
  shift(right, down) {
    this.turn((TURN * right) / this.half, (TURN * down) / this.half)
  }

  /** Comes nearer by a factor; what is seen at `at` stays there. */
  approach(factor, at = this.stage.middle) {
    const zoom = Math.min(FARTHEST, Math.max(NEAREST, this.zoom * factor))
    this.moved = this.toMap(at).map((x, k) => x + ((this.moved[k] - x) * zoom) / this.zoom)
    this.zoom = zoom
    this.stage.draw()
  }

  /** CSS pixels of the picture's unit. */
  get half() {
    return Math.min(...this.stage.middle)
  }

  /** A spot as a view has it. */
  toMap([x, y]) {
    const [across, down] = this.stage.middle
    return [(x - across) / this.half, (down - y) / this.half]
  }

  /** The spot of a point. */
  toScreen({a, b, w}, [x, y, z]) {
    const [across, down] = this.stage.middle
    const unit = this.half / dot(w, x, y, z)
    return [across + dot(a, x, y, z) * unit, down - dot(b, x, y, z) * unit]
  }

  /** Finds the spots (point, 2) of all positions (point, 3). */
  project({a, b, w}, position, spots) {
    const [[across, down], half] = [this.stage.middle, this.half]
    for (let from = 0, to = 0; from < position.length; from += 3, to += 2) {
      const x = position[from]
      const y = position[from + 1]
      const z = position[from + 2]
      const unit = half / dot(w, x, y, z)
      spots[to] = across + dot(a, x, y, z) * unit
      spots[to + 1] = down - dot(b, x, y, z) * unit
    }
  }

  /** The rows a, b and w of the view, and how near a point is: -1 to 1. */
  rows() {
    const [t, scale, [x, y]] = [this.turned, FIT * this.zoom, this.moved]
    const near = [t[6], t[7], t[8], 0]
    const w = near.map((value, k) => (k < 3 ? -value / DISTANCE : 1))
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
