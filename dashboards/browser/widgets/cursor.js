import {h, say} from "./dom.js"

const ARROWS = {ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down"}

/** Bokeh makes stops of the Tab key of a canvas and its tools, and answers no key there: a cursor does. */
function passBy(root, inside = false) {
  for (const element of root.querySelectorAll("*")) {
    if (inside && element.tabIndex === 0) element.tabIndex = -1
    if (element.shadowRoot) passBy(element.shadowRoot, inside || element.matches(".bk-Figure"))
  }
}

export function render({model}) {
  const told = h("p", {"aria-live": "polite"})
  const root = h(
    "div",
    {
      class: "cursor",
      tabindex: "0",
      role: "group",
      "aria-label": `${model.label}: arrow keys move, ${model.hint}`,
    },
    told,
  )

  root.addEventListener("focus", () => say(model, "enter"))
  root.addEventListener("blur", () => say(model, "leave"))
  root.addEventListener("keydown", (event) => {
    const {key, shiftKey: shift, altKey} = event,
      ctrl = event.ctrlKey || event.metaKey
    if (altKey) return
    if (key in ARROWS) say(model, "move", [ARROWS[key], shift])
    else if (key === "Enter" || key === " ") say(model, "act", {shift, ctrl})
    else if (!ctrl && model.keys.includes(key)) say(model, "press", key)
    else return
    event.preventDefault()
    event.stopPropagation()
  })

  // Before the focus moves: Bokeh writes its stops anew whenever it draws a tool.
  const stop = (event) => {
    if (event.key === "Tab") passBy(root.getRootNode().host.parentNode)
  }
  window.addEventListener("keydown", stop, {capture: true})
  model.on("remove", () => window.removeEventListener("keydown", stop, {capture: true}))

  const draw = () => {
    told.textContent = model.text
  }
  model.on("text", draw)
  draw()
  return root
}
