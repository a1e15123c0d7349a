// The epochs as they were sent, and what an epoch's landscape looks like.

import {values} from "../../../kit/bytes.js"
import {Moving} from "../../../kit/points/moving.js"
import {doubtful, scenery} from "./scenery.js"

const PICTURES = 160 // that are kept

export class Journey extends Moving {
  #pictures = new Map()

  /** Null while a part of the message is on its way. */
  static of(model) {
    const {owner, points, boundary, epochs, side} = model.travel
    const sizes = {
      position: 4 * epochs * (points + boundary),
      answer: epochs * points,
      kept: epochs * points,
      cells: 2 * epochs * side * side,
      label: points,
    }
    const whole = owner && Object.entries(sizes).every(([name, size]) => model[name].byteLength === size)
    return whole ? new Journey(model) : null
  }

  constructor(model) {
    const {travel, position} = model
    super(position, travel.points + travel.boundary, travel.span)
    Object.assign(this, travel)
    for (const name of ["answer", "kept", "label", "cells"]) this[name] = values(model[name], Uint8Array)
    this.images = this.seen.subarray(0, 2 * travel.points) // what else is seen are points of a boundary
  }

  /** The moment of a time: before it an epoch, and how far on the way to the next one it is. */
  at(time) {
    const before = Math.max(0, Math.min(this.epochs - 1, Math.floor(time)))
    const after = Math.min(this.epochs - 1, before + 1)
    return {before, after, share: after === before ? 0 : time - before}
  }

  /** The picture of an epoch's landscape, drawn once for a look. */
  picture(epoch, look) {
    const draw = () =>
      scenery(this.#layer(2 * epoch), this.#layer(2 * epoch + 1), this.side, this.colors, look)
    return this.#drawn(`${epoch} ${look.dark} ${look.doubted}`, draw)
  }

  /** Where an epoch's landscape is doubtful. */
  doubt(epoch) {
    return this.#drawn(`${epoch}`, () => doubtful(this.#layer(2 * epoch), this.side))
  }

  #layer(number) {
    const size = this.side * this.side
    return this.cells.subarray(number * size, (number + 1) * size)
  }

  #drawn(key, make) {
    if (this.#pictures.size > PICTURES) this.#pictures.clear()
    if (!this.#pictures.has(key)) this.#pictures.set(key, make())
    return this.#pictures.get(key)
  }
}
