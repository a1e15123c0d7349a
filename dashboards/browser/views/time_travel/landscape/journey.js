// The epochs as they were sent, and where a point is between two of them.

import {doubtful, scenery} from "./painting.js"

export const NOWHERE = 65535 // of a coordinate
const PICTURES = 160 // that are kept

export class Journey {
  /** Null while a part of the message is on its way. */
  static of(model) {
    const {points, boundary, epochs, side} = model.travel,
      placed = points + boundary
    const right =
      model.position.byteLength === 4 * epochs * placed &&
      model.answer.byteLength === epochs * points &&
      model.kept.byteLength === epochs * points &&
      model.cells.byteLength === 2 * epochs * side * side &&
      model.label.byteLength === points
    return right ? new Journey(model) : null
  }

  constructor(model) {
    Object.assign(this, model.travel)
    this.placed = this.points + this.boundary
    this.position = new Uint16Array(bytes(model.position).slice().buffer)
    this.answer = bytes(model.answer)
    this.kept = bytes(model.kept)
    this.label = bytes(model.label)
    this.cells = bytes(model.cells)
    this.pictures = new Map()
  }

  /** The epoch before a time, and how far on the way to the next one it is. */
  at(time) {
    const before = Math.max(0, Math.min(this.epochs - 1, Math.floor(time))),
      after = Math.min(this.epochs - 1, before + 1)
    return {before, after, share: after === before ? 0 : time - before}
  }

  /** x and y of a point, as the map has them; null where it is nowhere. */
  place(point, time) {
    const {before, after, share} = this.at(time),
      from = 2 * (before * this.placed + point),
      to = 2 * (after * this.placed + point)
    if (this.position[from] === NOWHERE || this.position[to] === NOWHERE) return null
    const [left, bottom, right, top] = this.span
    const along = (k) =>
      (this.position[from + k] + (this.position[to + k] - this.position[from + k]) * share) / (NOWHERE - 1)
    return [left + (right - left) * along(0), bottom + (top - bottom) * along(1)]
  }

  /** The picture of an epoch's landscape; drawn once for a look. */
  picture(epoch, look) {
    return this.drawn(`${epoch} ${look.dark} ${look.doubted}`, () =>
      scenery(this.layer(2 * epoch), this.layer(2 * epoch + 1), this.side, this.colors, look),
    )
  }

  /** Where an epoch's landscape is doubtful. */
  doubt(epoch) {
    return this.drawn(`${epoch}`, () => doubtful(this.layer(2 * epoch), this.side))
  }

  layer(number) {
    const size = this.side * this.side
    return this.cells.subarray(number * size, (number + 1) * size)
  }

  drawn(key, make) {
    if (this.pictures.size > PICTURES) this.pictures.clear()
    if (!this.pictures.has(key)) this.pictures.set(key, make())
    return this.pictures.get(key)
  }
}

export const bytes = (held) =>
  held instanceof ArrayBuffer
    ? new Uint8Array(held)
    : new Uint8Array(held.buffer, held.byteOffset, held.byteLength)
