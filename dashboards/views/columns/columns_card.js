export function render({model}) {
  const root = h("div", {class: "columns"})
  const percent = (share) => `${(100 * share).toFixed(share < .095 ? 1 : 0)}`

  function column({name, hint, bits, chance, text, beyond, verdict}, most) {
    const opened = name === model.card.opened
    return h("button", {type: "button", class: `column ${beyond ? "beyond" : ""}`, "aria-expanded": String(opened), title: hint, "data-name": name, click: () => say(model, "open", name)},
      h("span", {class: "caret", "aria-hidden": "true"}, opened ? "▾" : "▸"), h("span", {class: "name"}, name),
      h("span", {class: "rail"}, h("i", {class: "bar", style: `width:${100 * bits / most}%`}), h("i", {class: "chance", style: `left:${100 * chance / most}%`})),
      h("span", {class: "number"}, text), h("span", {class: "quiet verdict"}, verdict))
  }

  function value({name, hint, images, rate, low, high, query, chosen}, most) {
    const at = (share) => 100 * share / most
    const select = (event) => say(model, "select", {query, shift: event.shiftKey, ctrl: event.ctrlKey || event.metaKey})
    return h("button", {type: "button", class: "value", "aria-pressed": String(chosen), title: `${hint}; 95 % interval ${percent(low)} to ${percent(high)} %`, "data-query": query, click: select},
      h("span", {class: "name"}, name), h("span", {class: "quiet count"}, images.toLocaleString("en")),
      h("span", {class: "rail"}, h("i", {class: "bar", style: `width:${at(rate)}%`}), h("i", {class: "interval", style: `left:${at(low)}%; width:${at(high) - at(low)}%`}),
        h("i", {class: "all", style: `left:${at(model.card.rate)}%`})),
      h("span", {class: "number"}, `${percent(rate)} %`))
  }

  function draw() {
    const {title, rows = [], opened, values = [], note, waiting} = model.card, top = root.querySelector(".list")?.scrollTop ?? 0
    const most = Math.max(1e-9, ...rows.map(({bits, chance}) => Math.max(bits, chance))), worst = Math.max(1e-9, ...values.map(({high}) => high))
    const buttons = () => [...root.querySelectorAll("button")], focused = buttons().indexOf(root.getRootNode().activeElement)
    fill(root, h("header", {}, h("h2", {class: "title", title}, title ?? ""), rows.length ? h("p", {class: "quiet note"}, note) : null),
      rows.length ? h("div", {class: "list"}, rows.flatMap((row) => [column(row, most),
        row.name === opened ? h("div", {class: "values", role: "group", "aria-label": `Error rates by ${opened}`}, values.map((each) => value(each, worst))) : null]))
        : h("div", {class: "empty"}, h("p", {}, waiting ?? "")))
    const list = root.querySelector(".list")
    if (list) list.scrollTop = top
    if (focused >= 0) buttons()[focused]?.focus()
  }

  model.on("card", draw)
  draw()
  return root
}
