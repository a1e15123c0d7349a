// A box to tick.

import {useContext} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"
import {attributes, nodes} from "./node.js"

/** @param {import("../messages.d.ts").Check} message */
export function Check({children, act, name, checked, ...rest}) {
  const {say} = useContext(Card)
  const change = (event) => say(act, {name, checked: event.target.checked})
  return h(
    "label",
    attributes(rest),
    h("input", {type: "checkbox", checked, onChange: change}),
    nodes(children),
  )
}
