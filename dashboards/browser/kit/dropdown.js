// What a button opens beside itself, above all else.

import {useLayoutEffect, useRef} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"

const EDGE = 8 // CSS pixels that are left around it

/** Puts it below its button, or above where there is no room. */
function beside(button, box) {
  const at = button.getBoundingClientRect()
  const {offsetWidth: width, offsetHeight: height} = box
  const below = at.bottom + 6 + height <= innerHeight
  const left = Math.max(EDGE, Math.min(at.right - width, innerWidth - width - EDGE))
  box.style.left = `${left}px`
  box.style.top = `${below ? at.bottom + 6 : Math.max(EDGE, at.top - height - 6)}px`
}

/** Escape goes to an open box alone: elsewhere it takes the selection back. */
function keyOf(button, box) {
  const letGo = (event) => {
    if (event.key !== "Escape") return
    const open = box.matches(":popover-open")
    if (!open) return window.removeEventListener("keydown", letGo, {capture: true}) // it was drawn anew
    event.preventDefault()
    event.stopPropagation()
    box.hidePopover()
    button.focus()
  }
  return letGo
}

/**
 * @typedef {object} Opening
 * @property {object} face - attributes of the button
 * @property {import("../vendor/preact/preact.d.ts").Node | import("../vendor/preact/preact.d.ts").Node[]} words
 * @property {object} inside - attributes of what it opens
 * @property {any} [children]
 * @property {(open: boolean) => void} [turn] - hears whether it is open
 * @property {string} [about] - about something else than before it is closed
 * @property {boolean} [enters] - the focus goes to the first button inside, once it is there
 * @property {{current: (() => void) | null}} [toggler] - gets what opens and closes it
 */

/** @param {Opening} opening */
export function Dropdown({face, words, inside, turn, about, enters, toggler, children}) {
  const button = useRef(/** @type {HTMLButtonElement | null} */ (null))
  const box = useRef(/** @type {HTMLElement | null} */ (null))
  const letGo = useRef(/** @type {((event: KeyboardEvent) => void) | null} */ (null))
  useLayoutEffect(() => {
    button.current.popoverTargetElement = box.current
    letGo.current = keyOf(button.current, box.current)
    return () => window.removeEventListener("keydown", letGo.current, {capture: true})
  }, [])
  useLayoutEffect(() => box.current.hidePopover(), [about])
  const entered = useRef(true)
  useLayoutEffect(() => {
    if (!box.current.matches(":popover-open")) return
    beside(button.current, box.current)
    const first = entered.current ? null : box.current.querySelector("button")
    first?.focus()
    if (first) entered.current = true
  })
  if (toggler) toggler.current = () => box.current.togglePopover({source: button.current})
  // `toggle` comes a moment later: a key pressed meanwhile would go astray
  const before = ({newState}) => {
    const open = newState === "open"
    window[open ? "addEventListener" : "removeEventListener"]("keydown", letGo.current, {capture: true})
    entered.current = !(enters && open)
    turn?.(open)
  }
  const after = ({newState}) => newState === "open" && beside(button.current, box.current)
  const click = ({target}) => target.closest("[data-closes]") && box.current.hidePopover()
  const opens = {popover: "auto", ref: box, onBeforeToggle: before, onToggle: after, onClick: click}
  return h(
    "span",
    {class: "helped"},
    h("button", {type: "button", ...face, ref: button}, words),
    h("div", {...inside, ...opens}, children),
  )
}
