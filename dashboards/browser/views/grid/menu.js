// What can be done with one tile: a menu at a place of the grid.

import {useLayoutEffect, useRef} from "../../vendor/preact/hooks.mjs"
import {h} from "../../vendor/preact/preact.mjs"

const ITEMS = [
  ["study", "Study it"],
  ["similar", "Similar images"],
  ["distance", "List by distance to it"],
  ["alike", "List mistakes like it"],
  ["pin", "Pin it beside"],
  ["add", "Add to the selection"],
  ["drop", "Take out of the selection"],
]
const ORDERS = ["distance", "alike"] // which a run may not have

/** `close(elsewhere)` says whether the focus is no longer in it, `act(what)` what is chosen; x and y are of the frame. */
export function Menu({x, y, sample, sorts, close, act}) {
  const menu = useRef(/** @type {HTMLElement | null} */ (null))
  const items = ITEMS.filter(([what]) => !ORDERS.includes(what) || sorts.some(([name]) => name === what))
  useLayoutEffect(() => {
    const {offsetWidth, offsetHeight, offsetParent: frame, style} = menu.current
    style.left = `${Math.max(0, Math.min(x, frame.clientWidth - offsetWidth - 4))}px`
    style.top = `${Math.max(0, Math.min(y, frame.clientHeight - offsetHeight - 4))}px`
    menu.current.querySelector("button").focus()
  }, [x, y, sample])
  const press = (event) => {
    const buttons = [...menu.current.querySelectorAll("button")]
    const at = buttons.indexOf(event.target)
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key]
    if (step) buttons[(at + step + buttons.length) % buttons.length].focus()
    else if (event.key === "Escape") close()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const leave = ({relatedTarget}) => menu.current?.contains(relatedTarget) || close(true)
  return h(
    "div",
    {class: "menu", role: "menu", ref: menu, onKeyDown: press, onFocusOut: leave},
    h("p", {class: "quiet"}, `#${sample}`),
    items.map(([what, text]) =>
      h("button", {type: "button", role: "menuitem", onClick: () => act(what)}, text),
    ),
  )
}
