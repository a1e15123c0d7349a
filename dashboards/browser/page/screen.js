// A card fills the screen.

import {isPressed, isTyped} from "../kit/shortcut.js"

const HEADS = "header, h1, h2, h3, .title, [role=tablist]" // of a card, where a double click is meant for all of it

/** By a double click on its head, or by `key` where the focus is; Escape brings it back. */
export function fillScreen(signal, key) {
  const fill = (path) => {
    const card = path.find((each) => each.classList?.contains("dv-card"))
    if (document.fullscreenElement) document.exitFullscreen()
    else card?.requestFullscreen()
    return Boolean(card)
  }
  const click = (event) => {
    const path = event.composedPath()
    if (path[0].closest("button, a, input, select") || !path.some((each) => each.matches?.(HEADS))) return
    if (fill(path)) getSelection().removeAllRanges()
  }
  const press = (event) => {
    if (event.key === "Escape" && document.fullscreenElement) {
      event.stopImmediatePropagation()
      document.exitFullscreen()
    } else if (isPressed(key, event) && !isTyped(event) && fill(event.composedPath())) event.preventDefault()
  }
  window.addEventListener("dblclick", click, {signal})
  window.addEventListener("keydown", press, {capture: true, signal})
}
