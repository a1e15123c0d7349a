// Keys that are heard wherever the focus is, but where a person types.

import {useLayoutEffect, useRef} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"

const FIELDS = "input:not([type=range]), textarea, select, [contenteditable]"
const LONG = {Esc: "Escape"}

/** The keys of "Ctrl Shift Z" as an event has them. */
function pressed(shortcut) {
  const names = shortcut.split(" ")
  const name = names.at(-1)
  return {
    key: (LONG[name] ?? name).toLowerCase(),
    ctrl: names.includes("Ctrl"),
    shift: names.includes("Shift"),
  }
}

/** Whether an event is of a shortcut; what is no letter may need Shift on some keyboards. */
export function isPressed(shortcut, event) {
  const {key, ctrl, shift} = pressed(shortcut)
  if (event.key.toLowerCase() !== key || (event.ctrlKey || event.metaKey) !== ctrl || event.altKey)
    return false
  return event.shiftKey === shift || (!shift && !/^[a-z]$/.test(key))
}

/** Cards over the page, whose keys rest while one of them is seen. */
export const dialogs = new Set()

/** Whether a person types: at the window, `target` is the outermost component. */
export const isTyped = (event) => Boolean(event.composedPath()[0].matches?.(FIELDS))

/**
 * Calls `act` at one of the keys in `shortcut`, such as "Ctrl Y, Ctrl Shift Z", and, of an `element`, while that
 * is seen: then Esc does nothing else. What is returned are attributes that tell of it.
 * @param {string} shortcut
 * @param {() => void} act
 * @param {{current: HTMLElement | null} | null} [element]
 */
export function useShortcut(shortcut, act, element = null) {
  const now = useRef(act)
  now.current = act
  useLayoutEffect(() => {
    if (!shortcut) return
    const keys = shortcut.split(", ")
    const alone = element !== null && shortcut === "Esc"
    const hear = (event) => {
      if (event.defaultPrevented || isTyped(event) || !keys.some((each) => isPressed(each, event))) return
      if (element && !element.current.offsetParent) return
      if ([...dialogs].some((each) => each.getClientRects().length && !each.contains(element?.current)))
        return
      if (alone) event.stopImmediatePropagation()
      if (alone || event.key !== "Escape") event.preventDefault() // what is open closes, too
      now.current()
    }
    window.addEventListener("keydown", hear, {capture: alone})
    return () => window.removeEventListener("keydown", hear, {capture: alone})
  }, [shortcut])
  return shortcut?.length === 1 ? {"aria-keyshortcuts": shortcut} : {}
}

/** Its name on a button. */
export function Shortcut({name}) {
  return name ? h("kbd", {"aria-hidden": "true"}, name) : null
}
