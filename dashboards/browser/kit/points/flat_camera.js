// How a map of two dimensions comes to the screen: in its frame, or from near.

const NEAREST = 64 // times as large as in the frame

/** Boxes are [left, bottom, right, top] in units of the map; `margin` is CSS pixels around what is framed. */
export class FlatCamera {
  #frame = [-1, -1, 1, 1]
  #all = this.#frame
  #view = null // {x, y, zoom}: the middle on the map, and times the frame's scale; null: the frame

  constructor(stage, margin) {
    this.stage = stage
    this.margin = margin
  }

  /** What is shown first, and `all` that there is. */
  fit(frame, all = frame) {
    this.#frame = frame
    this.#all = all
  }

  get zoom() {
    return this.#view?.zoom ?? 1
  }

  /** CSS pixels of a unit. */
  get unit() {
    return this.#scale(this.#frame) * this.zoom
  }

  /** Whether it shows all, and more than the frame. */
  get widest() {
    return this.zoom < 1 && this.zoom === this.#everything.zoom
  }

  toScreen([x, y]) {
    const [[width, height], [across, up]] = [this.stage.middle, this.#middle]
    return [width + (x - across) * this.unit, height - (y - up) * this.unit]
  }

  toMap([left, top]) {
    const [[width, height], [across, up]] = [this.stage.middle, this.#middle]
    return [across + (left - width) / this.unit, up - (top - height) / this.unit]
  }

  /** Comes nearer by a factor; what is seen at `at` stays there. */
  approach(by, at = this.stage.middle) {
    const [[width, height], [x, y]] = [this.stage.middle, this.toMap(at)]
    const zoom = Math.min(NEAREST, this.zoom * by)
    if (zoom <= this.#everything.zoom) return this.widen()
    const unit = this.#scale(this.#frame) * zoom
    this.#see({x: x - (at[0] - width) / unit, y: y + (at[1] - height) / unit, zoom})
  }

  /** Moves what is seen, by CSS pixels. */
  shift(right, down) {
    const [x, y] = this.#middle
    this.#see({x: x - right / this.unit, y: y + down / this.unit, zoom: this.zoom})
  }

  /** Shows the frame. */
  reset() {
    this.#see(null)
  }

  /** Shows all. */
  widen() {
    this.#see(this.#everything)
  }

  #see(view) {
    this.#view = view
    this.stage.draw()
  }

  get #middle() {
    return this.#view ? [this.#view.x, this.#view.y] : middle(this.#frame)
  }

  get #everything() {
    const [x, y] = middle(this.#all)
    return {x, y, zoom: Math.min(1, this.#scale(this.#all) / this.#scale(this.#frame))}
  }

  #scale(box) {
    const sides = this.stage.size.map((length) => Math.max(1, length - 2 * this.margin))
    return Math.min(sides[0] / (box[2] - box[0] || 1), sides[1] / (box[3] - box[1] || 1))
  }
}

const middle = (box) => [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]
