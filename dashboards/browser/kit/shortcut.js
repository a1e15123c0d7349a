// Keys that are heard wherever the focus is, but where a person types.

import {useEffect, useRef} from "../vendor/preact/hooks.mjs"

const FIELDS = "input, textarea, select, [contenteditable]"
const NAMED = {Esc: "escape"}

/** The keys of "Ctrl Shift Z" as an event has them. */
function pressed(shortcut) {
  const names = shortcut.split(" ")
  const key = names.at(-1)
  return {key: NAMED[key] ?? key.toLowerCase(), ctrl: names.includes("Ctrl"), shift: names.includes("Shift")}
}

/** Whether an event is of a shortcut; what is no letter may need Shift on some keyboards. */
export function isPressed(shortcut, event) {
  const {key, ctrl, shift} = pressed(shortcut)
  if (event.key.toLowerCase() !== key || (event.ctrlKey || event.metaKey) !== ctrl || event.altKey)
    return false
  return event.shiftKey === shift || (!shift && !/^[a-z]$/.test(key))
}

/** Whether a person types: at the window, `target` is the outermost component. */
export const isTyped = (event) => Boolean(event.composedPath()[0].matches?.(FIELDS))

/** Calls `act` at one of the keys in `shortcut`, such as "Ctrl Y, Ctrl Shift Z"; attributes that tell of it. */
export function useShortcut(shortcut, act) {
  const now = useRef(act)
  now.current = act
  useEffect(() => {
    if (!shortcut) return
    const keys = shortcut.split(", ")
    const hear = (event) => {
      if (event.defaultPrevented || isTyped(event) || !keys.some((each) => isPressed(each, event))) return
      if (event.key !== "Escape") event.preventDefault() // what is open closes, too
      now.current()
    }
    window.addEventListener("keydown", hear)
    return () => window.removeEventListener("keydown", hear)
  }, [shortcut])
  return shortcut?.length === 1 ? {"aria-keyshortcuts": shortcut} : {}
}
