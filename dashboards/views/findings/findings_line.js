export function render({model}) {
  const line = h("div", {class: "line", role: "group", "aria-label": "What is wrong with the data"})

  function part({word, text, hint, grave, chosen}) {
    const select = (event) => say(model, "select", {word, shift: event.shiftKey, ctrl: event.ctrlKey || event.metaKey})
    return h("button", {type: "button", class: `part${grave ? " grave" : ""}`, "data-word": word, title: hint, "aria-pressed": String(chosen), click: select}, text)
  }

  function draw() {
    const {parts = []} = model.line, focused = line.getRootNode().activeElement?.dataset?.word
    line.hidden = !parts.length
    fill(line, h("b", {}, "Data"), parts.map(part))
    if (focused) line.querySelector(`[data-word="${focused}"]`)?.focus()
  }

  model.on("line", draw)
  draw()
  return line
}
