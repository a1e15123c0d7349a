// A group of buttons is one stop of the tab key; arrow keys lead from one button to the others. A button
// whose data says that it is `alone` is none of them.

import {useLayoutEffect, useRef} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"

const STEPS = {ArrowRight: 1, ArrowLeft: -1}

const buttonsOf = (group) => [...group.querySelectorAll("button:not([data-alone])")]

function step(event, table) {
  const buttons = buttonsOf(event.currentTarget)
  const at = buttons.indexOf(event.target)
  if (at < 0) return
  const across = Math.max(1, buttons.filter(({offsetTop}) => offsetTop === buttons[0].offsetTop).length)
  const to = {ArrowDown: at + across, ArrowUp: at - across, Home: 0, End: buttons.length - 1}[event.key]
  const next = to ?? (event.key in STEPS ? at + STEPS[event.key] : null)
  if (next === null) return
  event.preventDefault()
  event.stopPropagation()
  if (table && edged(at, next, across, buttons.length)) return
  buttons[Math.max(0, Math.min(buttons.length - 1, next))].focus()
}

/** Whether a step leads beyond a table, or around the edge of it into another row. */
function edged(at, next, across, count) {
  const aside = Math.abs(next - at) === 1 && across > 1
  return next < 0 || next >= count || (aside && Math.floor(next / across) !== Math.floor(at / across))
}

/** The button that has the focus, or that is pressed, or the first one, is the stop. */
function stop(group, focused) {
  const buttons = buttonsOf(group)
  const at = buttons.includes(focused) ? focused : buttons.find((button) => button.ariaPressed === "true")
  for (const button of buttons) button.tabIndex = button === (at ?? buttons[0]) ? 0 : -1
  for (const button of group.querySelectorAll("[data-alone]")) button.tabIndex = 0
}

/** A line of buttons is scrolled as far as one of them needs to be seen. */
function bring(group, {offsetLeft, offsetWidth}) {
  const at = offsetLeft - group.offsetLeft
  group.scrollLeft = Math.min(at, Math.max(group.scrollLeft, at + offsetWidth - group.clientWidth))
}

/** Such a group: `attributes` and `children` are its element's; `follows` names the button that is pressed. */
export function Roving({tag, roving, follows, children, ...attributes}) {
  const group = useRef(null)
  const seen = useRef(follows)
  useLayoutEffect(() => {
    const focused = group.current.getRootNode().activeElement
    stop(group.current, group.current.contains(focused) ? focused : null)
    const pressed = group.current.querySelector("[aria-pressed=true]")
    if (pressed && seen.current && follows && follows !== seen.current) bring(group.current, pressed)
    seen.current = follows
  })
  const follow = ({currentTarget, target}) => {
    const button = target.closest("button:not([data-alone])")
    if (button) stop(currentTarget, button)
  }
  const press = (event) => step(event, roving === "table")
  return h(tag, {...attributes, ref: group, onKeyDown: press, onFocusIn: follow}, children)
}
