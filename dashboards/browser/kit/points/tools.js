// Above or below a map: what a drag does there, and the way back to all of it.

import {h} from "../../vendor/preact/preact.mjs"
import {IconButton} from "../icon.js"

const RESET = "M3 8a5 5 0 1 0 2-4M5 1v3h3"

/** `options` are [name, text, hint] of what a drag can do, of which one is `chosen`; `back` [label, does]. */
export function tools(stage, options, chosen, choose, [label, back]) {
  stage.element.classList.toggle("lassoing", chosen === "lasso")
  const option = ([name, text, title]) => {
    const states = {"aria-pressed": name === chosen, onClick: () => choose(name)}
    return h("button", {type: "button", title, ...states}, text)
  }
  return h(
    "div",
    {class: "tools"},
    h("div", {class: "segmented", role: "group", "aria-label": "What a drag does"}, options.map(option)),
    h(IconButton, {label, path: RESET, onClick: back}),
  )
}
