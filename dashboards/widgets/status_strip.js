export function render({model}) {
  const fill = h("span")
  const bar = h("div", {class: "bar"}, fill)
  const strip = h("div", {class: "strip", role: "status"})

  function draw() {
    const {kind, text, detail, command, share, partial, end} = model.strip
    strip.hidden = !kind
    strip.className = `strip ${kind ?? ""}`
    bar.hidden = kind !== "running"
    fill.className = share == null ? "unknown" : ""
    fill.style.width = share == null ? "" : `${100 * share}%`
    strip.replaceChildren(
      h("b", {}, text ?? ""), h("span", {class: "detail"}, detail ?? ""), command ? h("code", {}, command) : "",
      partial ? h("span", {class: "badge"}, `partial: ${partial}`) : "",
      end ? h("span", {class: "end quiet"}, end) : "",
      kind === "notice" ? h("button", {class: "plain end", type: "button", click: () => say(model, "dismiss")}, "dismiss") : "",
      bar)
  }

  model.on("strip", draw)
  draw()
  return strip
}
