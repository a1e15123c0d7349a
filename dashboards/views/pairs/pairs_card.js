export function render({model}) {
  const root = h("div", {class: "pairs"})

  function row(pair, most) {
    const percent = (share) => `${(100 * share).toFixed(share < .095 ? 1 : 0)}`
    const at = (share) => 100 * share / most
    const select = (event) => say(model, "select", {cells: pair.cells, shift: event.shiftKey, ctrl: event.ctrlKey || event.metaKey})
    return h("button", {type: "button", class: "pair", "aria-pressed": String(pair.chosen), title: `${pair.hint}; 95 % interval ${percent(pair.low)} to ${percent(pair.high)} %`, click: select},
      h("span", {class: "names"}, h("i", {class: "swatch", style: `background:${pair.colors[0]}`}), pair.first, h("span", {class: "quiet"}, model.card.together ? " ↔ " : " → "),
        h("i", {class: "swatch", style: `background:${pair.colors[1]}`}), pair.second),
      h("span", {class: "count"}, pair.count.toLocaleString("en")),
      h("span", {class: "rail"}, h("i", {class: "bar", style: `width:${at(pair.rate)}%`}), h("i", {class: "interval", style: `left:${at(pair.low)}%; width:${at(pair.high) - at(pair.low)}%`})),
      h("span", {class: "quiet rate"}, `${percent(pair.rate)} %`))
  }

  function draw() {
    const {title, rows, total, together, directed, waiting} = model.card
    const most = Math.max(...(rows ?? []).map(({high}) => high), 1e-9), top = root.querySelector(".list")?.scrollTop ?? 0
    const focused = [...root.querySelectorAll(".pair")].indexOf(root.getRootNode().activeElement)
    fill(root, h("header", {}, h("h2", {class: "title", title}, title ?? ""),
        directed === false ? null : segmented("Directions of a pair", [["apart", "apart", "Each direction is a pair of its own"], ["together", "together", "Both directions count as one"]],
          together ? "together" : "apart", (value) => say(model, "together", value === "together"))),
      rows?.length ? h("div", {class: "list"}, rows.map((pair) => row(pair, most)),
        total > rows.length ? h("p", {class: "quiet more"}, `and ${(total - rows.length).toLocaleString("en")} rarer ones`) : null)
        : h("div", {class: "empty"}, h("p", {}, waiting ?? "")))
    const list = root.querySelector(".list")
    if (list) list.scrollTop = top
    if (focused >= 0) root.querySelectorAll(".pair")[focused]?.focus()
  }

  model.on("card", draw)
  draw()
  return root
}
