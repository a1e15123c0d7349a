// Colors of the theme, and what follows it.

import {useEffect, useState} from "../vendor/preact/hooks.mjs"

/** The value of a custom property of the theme, such as `ink`. */
export function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--dv-${name}`).trim()
}

/** Calls `change` whenever light and dark change places, until the function that is returned is called. */
export function followTheme(change) {
  const observer = new MutationObserver(change)
  observer.observe(document.documentElement, {attributeFilter: ["data-dv-theme"]})
  return () => observer.disconnect()
}

/** Draws a component anew whenever light and dark change places. */
export function useTheme() {
  const [, redraw] = useState(0)
  useEffect(() => followTheme(() => redraw((count) => count + 1)), [])
}
