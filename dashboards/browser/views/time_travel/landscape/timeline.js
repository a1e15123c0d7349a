// The slider: a column an epoch, as high as the images that change class there.

import {IconButton} from "../../../kit/icon.js"
import {h} from "../../../vendor/preact/preact.mjs"

const SPEEDS = {"½×": 0.5, "1×": 1, "2×": 2, "4×": 4}
const [PLAY, PAUSE] = ["M4.5 2.5v11l9-5.5z", "M5 3v10M11 3v10"]
const [BACK, ON] = ["M10.5 3 5.5 8l5 5", "M5.5 3l5 5-5 5"]

/** `select(epoch)` takes those that change class there. */
export function timeline(clock, select) {
  let [scrubbing, planned, epochs] = [false, 0, 0]

  const under = ({currentTarget, clientX}) => {
    const {left, width} = currentTarget.getBoundingClientRect()
    return Math.max(0, Math.min(epochs - 1, ((clientX - left) / width) * planned - 0.5))
  }

  function press(event) {
    if (event.button !== 0) return
    const time = under(event)
    scrubbing = true
    event.currentTarget.setPointerCapture(event.pointerId)
    event.currentTarget.focus({preventScroll: true, focusVisible: false})
    event.preventDefault()
    if (!event.shiftKey) return clock.scrub(time)
    clock.go(Math.round(time))
    select(Math.round(time))
  }

  function release() {
    if (scrubbing) clock.rest()
    scrubbing = false
  }

  function column(epoch, {count, of}, now) {
    const [number, every] = [epoch + 1, Math.ceil(planned / 25)]
    const ends = number === 1 || number === planned
    const labeled = ends || (number % every === 0 && planned - number >= every / 2)
    if (epoch >= epochs) {
      const title = `Epoch ${number} is not computed yet`
      return h("span", {class: "column missing", title}, h("b"), h("small", {}, labeled && number))
    }
    const flips = count[epoch] ?? 0
    const does = "a click goes there, with Shift it selects them"
    const says = `Epoch ${number}: ${flips.toLocaleString("en")} of ${of} change class; ${does}`
    const title = epoch ? says : "Epoch 1"
    const height = Math.max(flips ? 6 : 0, (100 * flips) / Math.max(1, ...count))
    const parts = [h("b", {style: `height:${height}%`}), h("small", {}, labeled && number)]
    return h("span", {class: now ? "column now" : "column", title}, parts)
  }

  const button = (label, path, disabled, onClick, look = "plain") =>
    h(IconButton, {label, path, disabled, onClick, look})
  const options = () =>
    Object.entries(SPEEDS).map(([text, value]) => h("option", {value, selected: value === clock.speed}, text))

  /** All but its hand. `flips` are {count, of}: of each epoch, and among whom. */
  function draw(journey, flips) {
    epochs = journey?.epochs ?? 0
    planned = Math.max(journey?.planned ?? 0, epochs)
    const {epoch, playing} = clock
    const [few, changed] = [epochs < 2, flips.count[epoch] ?? 0]
    const [first, last] = [few || epoch === 0, few || epoch === epochs - 1]
    const [does, path] = playing ? ["Pause", PAUSE] : ["Play", PLAY]
    const columns = Array.from({length: planned}, (_, at) => column(at, flips, at === epoch))
    const says = `Select ${changed.toLocaleString("en")} that change class`
    const track = {
      role: "slider",
      tabIndex: 0,
      "aria-label": "Epoch",
      "aria-valuemin": 1,
      "aria-valuemax": epochs,
      "aria-valuenow": epoch + 1,
      "aria-valuetext": `Epoch ${epoch + 1} of ${epochs}`,
      onPointerDown: press,
      onPointerMove: (event) => scrubbing && clock.scrub(under(event)),
      onPointerUp: release,
      onPointerCancel: release,
    }
    const speed = (event) => {
      clock.speed = Number(event.target.value)
    }
    return h(
      "div",
      {class: "timeline"},
      h(
        "div",
        {class: "buttons"},
        button("The epoch before (←)", BACK, first, () => clock.step(-1)),
        button(`${does} (space)`, path, few, () => clock.toggle(), "plain play"),
        button("The next epoch (→)", ON, last, () => clock.step(1)),
        h("select", {"aria-label": "Speed", title: "Speed", onChange: speed}, options()),
      ),
      h("div", {class: "track", ...track}, h("div", {class: "columns"}, columns), h("i", {class: "hand"})),
      h(
        "button",
        {type: "button", class: "chip flips", disabled: !changed, onClick: () => select(clock.epoch)},
        few ? "One epoch: nothing moves yet" : epoch === 0 ? "The first epoch" : says,
      ),
    )
  }

  /** Moves the hand to where the time is. */
  function show(hand) {
    hand.style.left = `${(100 * (clock.time + 0.5)) / Math.max(1, planned)}%`
  }

  return {draw, show}
}
