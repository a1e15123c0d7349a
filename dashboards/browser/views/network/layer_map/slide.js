// The slide from the map of a layer to that of another, and the walk through all of them.

const [SLIDE, REST] = [700, 1100] // ms from one layer to the next, and on each during a walk

/** A moment between columns. `tell(column)` hears where a person, or the walk, goes; `leaves()` that it goes on. */
export class Slide {
  before = 0
  after = 0
  share = 1
  walking = false
  #columns = 0
  #begun = null // when the slide began, 0: with the next frame, null: it stands
  #resting = 0
  #own = [] // what was told, and is not answered yet

  constructor({tell, leaves, draw}) {
    this.tell = tell
    this.leaves = leaves
    this.draw = draw
  }

  /** The column that stands; null: it slides. */
  get stands() {
    return this.#begun === null ? this.after : null
  }

  /** Other maps are shown, of which this one stands. */
  begin(columns, at) {
    this.#columns = columns
    this.before = this.after = Math.min(at, columns - 1)
    this.#begun = null
    this.share = 1
  }

  tick(now) {
    if (this.#begun === null) return
    this.#begun ||= now
    const time = Math.min(1, (now - this.#begun) / SLIDE)
    this.share = time < 0.5 ? 4 * time ** 3 : 1 - (2 - 2 * time) ** 3 / 2
    if (time === 1) this.#arrive()
    this.draw()
  }

  /** To a column by a person's hand: -1 is the last, and after the last comes the first. */
  go(column) {
    const wanted = (column + this.#columns) % this.#columns
    this.#own.push(wanted)
    this.tell(wanted)
    this.#slide(wanted)
  }

  /** To the next one, or the one before, where there is one. */
  step(by) {
    this.walk(false)
    if (this.after + by >= 0 && this.after + by < this.#columns) this.go(this.after + by)
  }

  /** The page shows a column: either what was told here, or what somebody chose elsewhere. */
  follow(column) {
    const answered = this.#own.indexOf(column)
    this.#own = this.#own.slice(answered + 1)
    if (answered >= 0) return
    this.#own = []
    this.walk(false)
    this.#slide(column)
  }

  walk(on) {
    if (on === this.walking) return
    this.walking = on
    clearTimeout(this.#resting)
    if (on && this.#columns) this.go(this.after + 1)
    this.draw()
  }

  end() {
    clearTimeout(this.#resting)
  }

  #slide(column) {
    if (!this.#columns || column === this.after) return
    this.leaves()
    if (this.#begun !== null && this.share < 0.5)
      this.after = this.before // from the nearer of the two
    ;[this.before, this.after] = [this.after, column]
    ;[this.#begun, this.share] = [0, 0]
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) this.#arrive()
    this.draw()
  }

  #arrive() {
    this.#begun = null
    this.before = this.after
    this.share = 1
    clearTimeout(this.#resting)
    if (this.walking) this.#resting = setTimeout(() => this.go(this.after + 1), REST)
  }
}
