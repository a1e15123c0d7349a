// Colors of the theme, and what follows it.

import {useEffect, useState} from "../vendor/preact/hooks.mjs"

const known = new Map()

/** The value of a custom property of the theme, such as `ink`; asked of the page once, for that is slow. */
export function color(name) {
  const root = document.documentElement
  const of = `${root.dataset.dvTheme} ${name}`
  if (!known.get(of)) known.set(of, getComputedStyle(root).getPropertyValue(`--dv-${name}`).trim())
  return known.get(of)
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
