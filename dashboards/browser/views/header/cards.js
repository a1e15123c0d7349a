const HEADS = "header, h1, h2, h3, .title, [role=tablist]" // of a card, where a double click is meant for all of it
const TYPED = "input, textarea, select"

/** A card fills the screen by a double click on its head, or by F where the focus is; Escape brings it back. */
export function fillScreen(model) {
  const ended = new AbortController()
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
    const path = event.composedPath()
    if (event.key === "Escape" && document.fullscreenElement) {
      event.stopImmediatePropagation()
      document.exitFullscreen()
    } else if (event.key.toLowerCase() === "f" && !(event.ctrlKey || event.metaKey || event.altKey)) {
      if (!path[0].matches?.(TYPED) && fill(path)) event.preventDefault()
    }
  }
  window.addEventListener("dblclick", click, {signal: ended.signal})
  window.addEventListener("keydown", press, {capture: true, signal: ended.signal})
  model.on("remove", () => ended.abort())
}
