// A number that a hand moves: said when it is let go, told while it moves.

import {useContext, useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"

/** @param {import("../messages.d.ts").Slider} message */
export function Slider({act, name, text, value, spoken, most, step, disabled, hint, label}) {
  const {say} = useContext(Card)
  const [moving, move] = useState(null)
  const brief = (number) => (number ? Number(number.toPrecision(2)).toString() : "off")
  const range = h("input", {
    type: "range",
    min: 0,
    max: most,
    step,
    value: moving ?? value,
    disabled,
    "data-name": name,
    "aria-label": label,
    "aria-valuetext": spoken,
    onInput: (event) => move(Number(event.target.value)),
    onChange: (event) => {
      move(null)
      say(act, {name, value: Number(event.target.value)})
    },
  })
  const words = h("span", {class: "quiet"}, text, h("b", {}, moving === null ? spoken : brief(moving)))
  return h("label", {class: "slider", title: hint}, words, range)
}
