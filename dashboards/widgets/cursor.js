const ARROWS = {ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down"}

export function render({model}) {
  const told = h("p", {"aria-live": "polite"})
  const root = h("div", {class: "cursor", tabindex: "0", role: "group", "aria-label": `${model.label}: arrow keys move, ${model.hint}`}, told)

  root.addEventListener("focus", () => say(model, "enter"))
  root.addEventListener("blur", () => say(model, "leave"))
  root.addEventListener("keydown", (event) => {
    const {key, shiftKey: shift, altKey} = event, ctrl = event.ctrlKey || event.metaKey
    if (altKey) return
    if (key in ARROWS) say(model, "move", [ARROWS[key], shift])
    else if (key === "Enter" || key === " ") say(model, "act", {shift, ctrl})
    else if (!ctrl && model.keys.includes(key)) say(model, "press", key)
    else return
    event.preventDefault(); event.stopPropagation()
  })

  const draw = () => { told.textContent = model.text }
  model.on("text", draw)
  draw()
  return root
}
