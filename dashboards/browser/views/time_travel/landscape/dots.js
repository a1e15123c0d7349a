// Images as points: the color is the label, a ring is misclassified, and what is selected is larger.

import {cover, mix, rgb, Sheet, stamp} from "../../../kit/points/sheet.js"

const [SOLID, DOUBTFUL] = [3, 1] // of the 15 nearest kept: fewer are faded, and fewer still hollow
const [SMALL, WRONG, FADED, LARGE, PALE, HOLLOW] = [1, 2, 4, 8, 16, 32] // how one is drawn: bits of a stamp's key
const MISTAKEN = 128 // added to a prediction

export class Dots {
  #sheet = new Sheet()
  #stamps = null // {radius, look, colors, by: Map}

  constructor(stage) {
    this.stage = stage
  }

  /** Those for which `shows(point)`, with their answers of the epoch that is `nearer`, the larger the `zoom`. */
  paint(journey, nearer, {wanted, selected, shows, look, zoom}) {
    const {stage} = this
    const {seen, points, training, label, count, colors} = journey
    const [answer, kept] = [journey.answer, journey.kept].map((all) => all.subarray(nearer * points))
    const across = (0.42 * (Math.min(...stage.size) - 8)) / Math.sqrt(points)
    const radius = Math.max(1.3, Math.min(4.5, across)) * stage.ratio * Math.min(2, Math.sqrt(zoom))
    if (this.#stamps?.radius !== radius || this.#stamps.look !== look)
      this.#stamps = {radius, look, colors: [...colors, look.quiet].map(rgb), by: new Map()}
    const put = (point, kind, own, said) =>
      this.#sheet.put(seen[2 * point], seen[2 * point + 1], this.#stamp(kind, own, said))

    function mark(point, large) {
      const wrong = answer[point] & MISTAKEN
      let kind = (point < training ? SMALL : 0) | (wrong ? WRONG : 0)
      kind |= large ? LARGE : selected ? FADED : 0
      if (wanted.trust && kept[point] < SOLID) kind |= kept[point] < DOUBTFUL ? HOLLOW : PALE
      put(point, kind, label[point], wrong ? answer[point] & ~MISTAKEN : label[point])
    }

    this.#sheet.begin(stage.canvases[1], stage.ratio)
    if (wanted.boundary)
      for (let point = points; point < count; point++) put(point, SMALL, colors.length, colors.length)
    // What is wrong lies above.
    for (const wrong of [0, MISTAKEN])
      for (let point = 0; point < points; point++)
        if ((answer[point] & MISTAKEN) === wrong && !selected?.[point] && shows(point)) mark(point, false)
    for (let point = 0; selected && point < points; point++)
      if (selected[point] && shows(point)) mark(point, true)
    this.#sheet.end()
  }

  #stamp(kind, label, predicted) {
    const {by, colors, radius, look} = this.#stamps
    const key = kind | (label << 8) | (predicted << 16)
    if (!by.has(key)) by.set(key, made(kind, colors[label], colors[predicted], radius, look.ground))
    return by.get(key)
  }
}

function made(kind, label, predicted, radius, ground) {
  const [large, wrong, hollow] = [LARGE, WRONG, HOLLOW].map((bit) => kind & bit)
  const small = kind & SMALL && !large
  const core = radius * (large ? 1.5 : small ? 0.72 : 1) * (wrong && !small ? 1.3 : 1)
  const halo = small || kind & (FADED | PALE | HOLLOW) ? 0 : Math.max(0.8, radius * 0.3)
  const weak = kind & PALE ? (large ? 0.6 : 0.36) : hollow ? (large ? 0.9 : 0.6) : 1
  const strength = kind & FADED ? 0.16 : weak
  return stamp(Math.ceil(core + halo), (far) => {
    const [inner, outer] = [cover(core, far), 0.75 * cover(core + halo, far)]
    const alpha = Math.max(inner, outer)
    const paint = mix(ground, label, outer ? inner / alpha : 0)
    if (hollow) {
      const hole = cover(core - Math.max(0.9, core * 0.36), far)
      return [mix(paint, ground, hole), alpha * strength * (1 - 0.5 * hole)]
    }
    const ringed = mix(mix(paint, ground, cover(core * 0.68, far)), predicted, cover(core * 0.44, far))
    return [wrong ? ringed : paint, alpha * strength]
  })
}
