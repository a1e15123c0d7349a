// The time of a player: between which epochs it is, how it goes on, and who hears of it.

const EPOCH = 900 // ms from an epoch to the next one while playing
const LEAP = 450 // ms of a jump, however far
const REST = 150 // ms that an epoch stands before the server hears of it
const MOMENT = "deepvid-moment" // what a player that leads tells the page's other one

/** `epochs()` is how many there are, `draw()` asks for a frame, and `tell(epoch)` hears of one, from 0, that stands. */
export class Clock {
  time = 0
  playing = false
  speed = 1
  #leap = null // {from, to, begun}
  #last = 0 // when it was moved
  #own = false // whether a person has moved it since the server last said whether it follows
  #follows = false // whether it goes where the page's other player goes
  #told = 0 // the epoch that the server knows of
  #resting = 0
  #heard = ({detail}) => this.#follow(detail)

  constructor({epochs, draw, tell}) {
    this.epochs = epochs
    this.draw = draw
    this.tell = tell
    window.addEventListener(MOMENT, this.#heard)
  }

  get epoch() {
    return Math.max(0, Math.min((this.epochs() || 1) - 1, Math.round(this.time)))
  }
  get moving() {
    return this.playing || Boolean(this.#leap)
  }
  get stands() {
    return !this.moving && Number.isInteger(this.time)
  }

  // --- by a person's hand

  go(epoch) {
    this.#own = true
    this.#leapTo(epoch)
  }
  /** To the epoch before, or the next one. */
  step(by) {
    this.go(by < 0 ? Math.ceil(this.time) - 1 : Math.floor(this.time) + 1)
  }
  scrub(time) {
    this.#own = true
    this.stop(time)
  }
  rest() {
    this.go(this.epoch)
  }
  toggle() {
    if (this.epochs() < 2) return
    if (this.playing) return this.rest()
    this.#own = true
    this.#leap = null
    if (this.time >= this.epochs() - 1) this.time = 0
    this.playing = true
    this.#last = performance.now()
    this.draw()
  }

  /** At once; of a jump, where it was to end. */
  stop(time = this.#leap ? this.#leap.to : this.epoch) {
    this.playing = false
    this.#leap = null
    this.time = time
    this.draw()
  }

  // --- by the server, and by the page's other player

  /** Another map is played, of which this epoch stands. */
  begin(epoch) {
    this.#told = epoch
    this.#own = false
    this.stop(epoch)
  }

  /** The server says which epoch is shown, and whether this follows the other player. */
  lead(epoch, follows) {
    if (follows !== this.#follows) [this.#follows, this.#own] = [follows, false]
    if (this.#own && follows) return // a person has it in hand
    if ((epoch < this.epochs() && this.#told !== epoch) || this.time > this.epochs() - 1) {
      this.#told = epoch
      this.#leapTo(epoch)
    }
  }

  #follow({from, time}) {
    if (from === this || !this.epochs() || !this.#follows || this.#own) return
    const there = Math.min(this.epochs() - 1, time)
    if (there === this.time && !this.moving) return
    this.stop(there)
    this.#told = this.epoch
  }

  // --- frame by frame

  /** Moves it to now: what takes too long is skipped, and nothing comes late. */
  tick(now) {
    if (this.#leap) {
      const {from, to, begun} = this.#leap
      const way = Math.min(1, (now - begun) / LEAP)
      this.time = from + (to - from) * way * way * (3 - 2 * way)
      if (way === 1) this.#leap = null
    } else if (this.playing) {
      const passed = (Math.max(0, now - this.#last) / EPOCH) * this.speed
      this.time = Math.min(this.epochs() - 1, this.time + passed)
      if (this.time === this.epochs() - 1) this.playing = false
    }
    this.#last = now
    if (this.moving) this.draw()
  }

  /** Tells the other player where it is, and the server of an epoch once that stands. */
  say() {
    clearTimeout(this.#resting)
    if (!this.#follows) window.dispatchEvent(new CustomEvent(MOMENT, {detail: {from: this, time: this.time}}))
    if (!this.stands || (this.#follows && !this.#own)) return
    this.#resting = setTimeout(() => {
      if (this.#told === this.epoch && !(this.#own && this.#follows)) return
      this.#told = this.epoch
      this.tell(this.epoch)
    }, REST)
  }

  end() {
    clearTimeout(this.#resting)
    window.removeEventListener(MOMENT, this.#heard)
  }

  #leapTo(epoch) {
    if (!this.epochs()) return
    this.playing = false
    const to = Math.max(0, Math.min(this.epochs() - 1, epoch))
    this.#leap = {from: this.time, to, begun: performance.now()}
    this.draw()
  }
}
