// Colors of the theme, and what follows it.

import {useEffect, useState} from "../vendor/preact/hooks.mjs"

/** The value of a custom property of the theme, such as `ink`. */
export function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--dv-${name}`).trim()
}

/** Draws a component anew whenever light and dark change places. */
export function useTheme() {
  const [, redraw] = useState(0)
  useEffect(() => {
    const observer = new MutationObserver(() => redraw((count) => count + 1))
    observer.observe(document.documentElement, {attributeFilter: ["data-dv-theme"]})
    return () => observer.disconnect()
  }, [])
}
