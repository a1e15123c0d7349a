// The slider: a column an epoch, as high as the images that change class there.

import {fill, h, iconButton} from "../../../widgets/dom.js"

const SPEEDS = [
  [0.5, "½×"],
  [1, "1×"],
  [2, "2×"],
  [4, "4×"],
]
const PLAY = "M4.5 2.5v11l9-5.5z",
  PAUSE = "M5 3v10M11 3v10",
  BACK = "M10.5 3 5.5 8l5 5",
  ON = "M5.5 3l5 5-5 5"

/** `clock` has `time`, `playing`, `speed`, and does `go(epoch)`, `scrub(time)`, `rest()`, `toggle()`. */
export function timeline(clock, select) {
  const columns = h("div", {class: "columns"}),
    hand = h("i", {class: "hand"})
  const track = h(
    "div",
    {class: "track", role: "slider", tabindex: 0, "aria-label": "Epoch", "aria-valuemin": 1},
    columns,
    hand,
  )
  const back = iconButton("The epoch before (←)", BACK, {
    class: "plain",
    click: () => clock.go(Math.ceil(clock.time) - 1),
  })
  const on = iconButton("The next epoch (→)", ON, {
    class: "plain",
    click: () => clock.go(Math.floor(clock.time) + 1),
  })
  const play = h("button", {type: "button", class: "plain play", click: () => clock.toggle()})
  const speed = h(
    "select",
    {
      "aria-label": "Speed",
      title: "Speed",
      change: (event) => {
        clock.speed = Number(event.target.value)
      },
    },
    SPEEDS.map(([value, text]) => h("option", {value, selected: value === 1}, text)),
  )
  const chosen = h("button", {type: "button", class: "chip flips", click: () => select(clock.epoch)})
  const element = h(
    "div",
    {class: "timeline"},
    h("div", {class: "buttons"}, back, play, on, speed),
    track,
    chosen,
  )
  let epochs = 0,
    planned = 0,
    flips = [],
    scrubbing = false,
    drawn = ""

  /** The time under a pointer. */
  function under({clientX}) {
    const {left, width} = track.getBoundingClientRect()
    return Math.max(0, Math.min(epochs - 1, ((clientX - left) / width) * planned - 0.5))
  }

  track.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return
    scrubbing = true
    track.setPointerCapture(event.pointerId)
    track.focus({preventScroll: true, focusVisible: false})
    if (event.shiftKey) {
      clock.go(Math.round(under(event)))
      select(Math.round(under(event)))
    } else clock.scrub(under(event))
    event.preventDefault()
  })
  track.addEventListener("pointermove", (event) => {
    if (scrubbing) clock.scrub(under(event))
  })
  for (const name of ["pointerup", "pointercancel"])
    track.addEventListener(name, () => {
      if (scrubbing) clock.rest()
      scrubbing = false
    })

  return {
    element,
    track,
    load(of, told) {
      epochs = of.epochs
      planned = Math.max(of.planned, of.epochs)
      this.count(told)
    },
    /** How many images change class in each epoch, and among whom: {count, of, selected}. */
    count(told) {
      flips = told.count
      const most = Math.max(1, ...flips),
        every = Math.ceil(planned / 25)
      fill(
        columns,
        Array.from({length: planned}, (_, epoch) => {
          const number = epoch + 1,
            known = epoch < epochs
          const labeled =
            number === 1 || number === planned || (number % every === 0 && planned - number >= every / 2)
          const says = !known
            ? `Epoch ${number} is not computed yet`
            : epoch === 0
              ? "Epoch 1"
              : `Epoch ${number}: ${flips[epoch].toLocaleString("en")} of ${told.of} change class; a click goes there, with Shift it selects them`
          return h(
            "span",
            {class: known ? "column" : "column missing", title: says},
            h("b", {
              style: `height:${known ? Math.max(flips[epoch] ? 6 : 0, (100 * flips[epoch]) / most) : 0}%`,
            }),
            h("small", {}, labeled ? number : ""),
          )
        }),
      )
      drawn = ""
      this.show()
    },
    show() {
      const epoch = clock.epoch,
        key = [epoch, clock.playing, epochs, flips[epoch]].join()
      hand.style.left = `${(100 * (clock.time + 0.5)) / Math.max(1, planned)}%`
      if (key === drawn) return
      drawn = key
      play.innerHTML = `<svg viewBox="0 0 16 16" width="18" height="18" fill="${clock.playing ? "none" : "currentColor"}" stroke="currentColor" stroke-width="${clock.playing ? 2.4 : 1}" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="${clock.playing ? PAUSE : PLAY}"/></svg>`
      const label = clock.playing ? "Pause (space)" : "Play (space)"
      play.title = label
      play.setAttribute("aria-label", label)
      play.disabled = on.disabled = back.disabled = epochs < 2
      if (epochs >= 2) {
        back.disabled = epoch === 0
        on.disabled = epoch === epochs - 1
      }
      track.setAttribute("aria-valuemax", epochs)
      track.setAttribute("aria-valuenow", epoch + 1)
      track.setAttribute("aria-valuetext", `Epoch ${epoch + 1} of ${epochs}`)
      const count = flips[epoch] ?? 0
      chosen.disabled = !count
      chosen.textContent =
        epochs < 2
          ? "One epoch: nothing moves yet"
          : epoch === 0
            ? "The first epoch"
            : `Select ${count.toLocaleString("en")} that change class`
      ;[...columns.children].forEach((column, at) => column.classList.toggle("now", at === epoch))
    },
  }
}
