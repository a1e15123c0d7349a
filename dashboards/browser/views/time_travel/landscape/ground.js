// The ground below the points, which is computed in finer cells where it is looked at from near.

import {color} from "../../../kit/theme.js"
import {hatching, scenery} from "./scenery.js"

const NEAR = 2 // times nearer from which it is refined
const LOOKED = 350 // ms that it is looked at before

export class Ground {
  #lines = new OffscreenCanvas(1, 1)
  #fine = null // {of, box, side, decided, margin}, and once it is drawn {look, canvas}
  #asked = ""
  #timer = 0

  constructor(model, stage, camera) {
    this.stage = stage
    this.camera = camera
    model.on("remove", () => clearTimeout(this.#timer))
  }

  /** Asks by `say(box)` for the part that is seen, once that stands still; null: it does not. */
  refine(say, standing) {
    clearTimeout(this.#timer)
    if (this.camera.zoom < NEAR || standing === null) return
    this.#timer = setTimeout(() => {
      const low = this.camera.toMap([0, this.stage.size[1]])
      const high = this.camera.toMap([this.stage.size[0], 0])
      if (this.#asked === String([standing, low, high])) return
      this.#asked = String([standing, low, high])
      say({low, high})
    }, LOOKED)
  }

  /** Has a part in finer cells. */
  take({owner, epoch, box, side}, held) {
    const cells = new Uint8Array(held)
    const [decided, margin] = [cells.subarray(0, side * side), cells.subarray(side * side)]
    this.#fine = margin.length && {of: `${owner} ${epoch}`, box, side, decided, margin}
  }

  paint(journey, moment, look) {
    const context = this.stage.cleared(this.stage.canvases[0])
    context.globalCompositeOperation = "lighter" // two that stand for one half each are one whole
    this.#blend(context, journey, moment, (epoch) => journey.picture(epoch, look))
    context.globalCompositeOperation = "source-over"
    if (look.doubted) this.#hatch(context, journey, moment)
    const fine = !moment.share && !look.doubted && this.#fine // of what is doubtful, nothing is known finer
    const known = fine && fine.of === `${journey.owner} ${moment.before + 1}`
    if (known && fine.look !== look) {
      fine.look = look
      fine.canvas = scenery(fine.decided, fine.margin, fine.side, journey.colors, look)
    }
    if (known) context.drawImage(fine.canvas, ...this.#placed(fine.box, fine.side))
    this.stage.element.dataset.fine = String(Boolean(known))
  }

  /** Draws pictures of one or two epochs, each as strong as the moment is near it. */
  #blend(context, {boxes, side}, {before, after, share}, picture) {
    for (const epoch of share ? [before, after] : [before]) {
      context.globalAlpha = epoch === before ? 1 - share : share
      context.drawImage(picture(epoch), ...this.#placed(boxes[epoch], side))
    }
    context.globalAlpha = 1
  }

  /** Lines over what is doubtful: as thin on any screen, however near the map is. */
  #hatch(context, journey, moment) {
    const [{width, height}, lines] = [context.canvas, this.#lines.getContext("2d")]
    ;[this.#lines.width, this.#lines.height] = [width, height]
    lines.scale(this.stage.ratio, this.stage.ratio)
    this.#blend(lines, journey, moment, (epoch) => journey.doubt(epoch))
    lines.resetTransform()
    lines.globalCompositeOperation = "source-in"
    lines.fillStyle = hatching(color("quiet"), this.stage.ratio)
    lines.fillRect(0, 0, width, height)
    context.resetTransform()
    context.drawImage(this.#lines, 0, 0)
  }

  /** Where cells are seen between whose centers a box lies, `cells` on each side: left, top, width, height. */
  #placed([left, bottom, right, top], cells) {
    const [x, y] = [(right - left) / (cells - 1) / 2, (top - bottom) / (cells - 1) / 2]
    const from = this.camera.toScreen([left - x, top + y])
    const to = this.camera.toScreen([right + x, bottom - y])
    return [...from, to[0] - from[0], to[1] - from[1]]
  }
}
