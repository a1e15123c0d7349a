export function render({model}) {
  const root = h("div", {class: "card"}), kinds = h("div", {class: "kinds", role: "group", "aria-label": "Kind of event"}), list = h("div", {class: "list"}), empty = h("div", {class: "empty"})
  root.append(kinds, list, empty)
  let shown = ""   // what is listed: another list begins at its top

  function row(event) {
    const {sample, epoch, training, label, color: fill_, text, colors, likely} = event, own = sample === model.card.focus
    const what = `Epoch ${epoch}, #${sample}, a ${training ? "training" : "test"} image of ${label}: ${text}, probability of ${label} ${likely}`
    const words = colors.length ? text.split(" → ").flatMap((name, at) => [at ? h("span", {class: "quiet"}, " → ") : null, h("i", {class: "swatch", style: `background:${colors[at]}`}), name]) : [text]
    return h("button", {type: "button", class: "event", "aria-pressed": String(own), title: `${what}. ${training ? "A click goes to the epoch" : "A click studies it there; with Shift it is selected"}`,
      click: ({shiftKey, ctrlKey, metaKey}) => say(model, "study", {sample, epoch, shift: shiftKey, ctrl: ctrlKey || metaKey})},
      model.card.all ? h("span", {class: "when quiet"}, `epoch ${epoch}`) : null, h("span", {class: "who"}, h("i", {class: training ? "dot small" : "dot", style: `background:${fill_}`}), `#${sample}`), h("span", {class: "quiet label"}, label), h("span", {class: "text"}, words), h("span", {class: "likely quiet"}, likely))
  }

  function draw() {
    const {rows, total, kinds: known = [], kind, waiting} = model.card
    if (!rows) return
    const focused = [...list.children].indexOf(root.getRootNode().activeElement), chip = root.getRootNode().activeElement?.dataset?.kind
    const top = list.scrollTop, name = JSON.stringify([kind, rows[0]?.epoch, rows[0]?.sample, total])
    kinds.hidden = !known.length
    fill(kinds, known.map(([each, text, hint]) => h("button", {type: "button", class: "chip", "data-kind": each, title: hint, "aria-pressed": String(each === kind), click: () => say(model, "kind", each === kind ? "" : each)}, text)))
    list.hidden = !rows.length
    empty.hidden = !list.hidden
    fill(empty, h("p", {}, waiting))
    list.classList.toggle("all", model.card.all)
    fill(list, rows.map(row), total > rows.length ? h("p", {class: "quiet more"}, `and ${(total - rows.length).toLocaleString("en")} smaller ones`) : null)
    list.scrollTop = name === shown ? top : 0
    shown = name
    if (focused >= 0) list.children[focused]?.focus()
    else if (chip) kinds.querySelector(`[data-kind="${chip}"]`)?.focus()
  }

  model.on("card", draw)
  draw()
  return root
}
