import {say} from "../../widgets/dom.js"

/** How far the latents of one image are moved. Its picture is asked for, one question at a time; `changed` draws. */
export function shifting(model, changed) {
  const NOTHING = 1e-6 // what rounding leaves of a direction that is taken back
  let shift = [],
    sample = null,
    asked = 0,
    flying = false,
    wanted = false

  const axes = () => model.card.axes ?? []

  /** The direction of an axis among the latents; null where it is a latent itself. */
  function vector(index) {
    const held = model.vectors,
      size = 4 * shift.length
    if (!held?.byteLength) return null
    const begin = (held.byteOffset ?? 0) + axes()[index].number * size
    return new Float32Array((held.buffer ?? held).slice(begin, begin + size))
  }

  function along(index) {
    const direction = vector(index)
    return direction
      ? direction.reduce((sum, part, latent) => sum + part * shift[latent], 0)
      : shift[axes()[index].number]
  }

  function ask() {
    if (flying) {
      wanted = true
      return
    }
    flying = true
    wanted = false
    say(model, "edit", {sample, shift, asked: ++asked})
  }

  function put(index, amount) {
    const direction = vector(index),
      by = amount - along(index)
    if (direction)
      shift = shift.map((value, latent) =>
        Math.abs(value + by * direction[latent]) < NOTHING ? 0 : value + by * direction[latent],
      )
    else shift[axes()[index].number] = amount
    changed()
    ask()
  }

  model.on("answered", () => {
    if (model.answered.asked < asked) return
    flying = false
    if (model.answered.error) changed()
    if (wanted) ask()
  })

  return {
    along,
    put,
    any: () => shift.some((value) => value !== 0),
    clear() {
      shift.fill(0)
      changed()
      ask()
    },
    /** Another image begins where it is; says whether it is another. */
    begin() {
      if ((model.card.sample ?? null) === sample) return false
      sample = model.card.sample ?? null
      shift = Array(model.card.latents ?? 0).fill(0)
      flying = wanted = false
      return true
    },
  }
}
