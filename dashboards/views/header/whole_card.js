const HEADS = "header, h1, h2, h3, .title, [role=tablist]"  // of a card, where a double click is meant for all of it
const TYPED = "input, textarea, select"

/** A card fills the screen by a double click on its head, or by F where the focus is; Escape brings it back. */
function fillScreen(model) {
  const fill = (path) => {
    const card = path.find((each) => each.classList?.contains("dv-card"))
    if (!card) return false
    if (document.fullscreenElement) document.exitFullscreen()
    else card.requestFullscreen()
    return true
  }
  const click = (event) => {
    const path = event.composedPath(), [target] = path
    if (target.closest("button, a, input, select") || !path.some((each) => each.matches?.(HEADS))) return
    if (fill(path)) getSelection().removeAllRanges()
  }
  const press = (event) => {
    if (event.key === "Escape" && document.fullscreenElement) {
      event.stopImmediatePropagation()
      document.exitFullscreen()
      return
    }
    const path = event.composedPath()
    if (event.key.toLowerCase() !== "f" || event.ctrlKey || event.metaKey || event.altKey || path[0].matches?.(TYPED)) return
    if (fill(path)) event.preventDefault()
  }
  window.addEventListener("dblclick", click)
  window.addEventListener("keydown", press, {capture: true})
  model.on("remove", () => {
    window.removeEventListener("dblclick", click)
    window.removeEventListener("keydown", press, {capture: true})
  })
}
