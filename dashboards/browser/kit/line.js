// A row of a table that can be chosen.

import {useContext} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"
import {attributes, nodes} from "./node.js"

const BESIDE = {ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling"}

/** @param {import("../messages.d.ts").Line} message */
export function Line({children, act, value, selected, ...rest}) {
  const {say} = useContext(Card)
  const choose = (twice) => say(act, {value, twice})
  const press = (event) => {
    if (event.key === "Enter") choose(false)
    if (!(event.key in BESIDE)) return
    event.preventDefault()
    event.currentTarget[BESIDE[event.key]]?.focus()
  }
  const hears = {onClick: () => choose(false), onDblClick: () => choose(true), onKeyDown: press}
  return h("tr", {...attributes(rest), tabIndex: 0, "aria-selected": selected, ...hears}, nodes(children))
}
