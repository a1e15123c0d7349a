// What the buttons in it say, at once beside the pointer.

import {useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Tip} from "./tip.js"

/** Around buttons that have labels: those are their words. */
export function Tipped({children}) {
  const [at, point] = useState(null)
  const move = ({currentTarget, target, clientX, clientY}) => {
    const button = target.closest("button")
    const {left, top} = currentTarget.getBoundingClientRect()
    point(button && {x: clientX - left, y: clientY - top, words: button.ariaLabel})
  }
  return h(
    "div",
    {class: "tipped", onPointerMove: move, onPointerLeave: () => point(null)},
    children,
    at && h(Tip, {at, words: at.words}),
  )
}
