// Keys of the page, which do something while an element is seen.

import {useLayoutEffect, useRef} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"

const TYPED = "input:not([type=range]), textarea, select"
const SHORT = {Escape: "Esc"}

/** Calls `act` at a key, unless a person types; none without a `name`. Escape does nothing else then. */
export function useShortcut(name, element, act) {
  const now = useRef(act)
  now.current = act
  useLayoutEffect(() => {
    if (!name) return
    const capture = name === "Escape"
    const press = (event) => {
      const changed = event.ctrlKey || event.metaKey || event.altKey
      if (event.key.toLowerCase() !== name.toLowerCase() || changed) return
      if (!element.current.offsetParent || event.composedPath()[0].matches?.(TYPED)) return
      event.preventDefault()
      if (capture) event.stopImmediatePropagation()
      now.current()
    }
    window.addEventListener("keydown", press, {capture})
    return () => window.removeEventListener("keydown", press, {capture})
  }, [name])
}

/** Its name on a button. */
export function Shortcut({name}) {
  return name ? h("kbd", {"aria-hidden": "true"}, SHORT[name] ?? name) : null
}
