// A group of buttons is one stop of the tab key; arrow keys lead from one button to the others. A button
// whose data says that it is `alone` is none of them.

import {useLayoutEffect, useRef} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"

const STEPS = {ArrowRight: 1, ArrowLeft: -1}
const RISES = {ArrowDown: 1, ArrowUp: -1}
const KEYS = {...STEPS, ...RISES, Home: 0, End: 0}

const buttonsOf = (group) => [...group.querySelectorAll("button:not([data-alone])")]

function step(event, roving) {
  const buttons = buttonsOf(event.currentTarget)
  const at = buttons.indexOf(event.target)
  if (at < 0 || !(event.key in KEYS)) return
  event.preventDefault()
  event.stopPropagation()
  const way = roving === "table" ? across : along
  const next = {Home: 0, End: buttons.length - 1}[event.key] ?? way(buttons, at, event.key)
  const button = buttons[Math.max(0, Math.min(buttons.length - 1, next))]
  button.focus()
  if (roving === "radio" && button !== event.target) button.click()
}

/** From one to the next, and as many as stand in the first line for a line up or down. */
function along(buttons, at, key) {
  const line = buttons.filter(({offsetTop}) => offsetTop === buttons[0].offsetTop).length
  return at + (STEPS[key] ?? RISES[key] * Math.max(1, line))
}

/** The neighbor in a table; at its edge, and where there is none, the same. */
function across(buttons, at, key) {
  const {offsetTop: top} = buttons[at]
  if (key in STEPS) return buttons[at + STEPS[key]]?.offsetTop === top ? at + STEPS[key] : at
  const beyond = buttons.filter((button) => RISES[key] * (button.offsetTop - top) > 0)
  const next = Math.min(...beyond.map((button) => RISES[key] * button.offsetTop))
  const line = beyond.filter((button) => RISES[key] * button.offsetTop === next)
  const found = line.find((button) => overlap(button, buttons[at]))
  return found ? buttons.indexOf(found) : at
}

/** Whether one of two stands above the middle of the other. */
function overlap(one, other) {
  const [middle, beside] = [one, other].map(({offsetLeft, offsetWidth}) => offsetLeft + offsetWidth / 2)
  return Math.abs(middle - beside) < Math.max(one.offsetWidth, other.offsetWidth) / 2
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
  const press = (event) => step(event, roving)
  return h(tag, {...attributes, ref: group, onKeyDown: press, onFocusIn: follow}, children)
}
