export function render({model}) {
  const root = h("div", {class: "card"})
  const held = (event) => ({shift: event.shiftKey, ctrl: event.ctrlKey || event.metaKey})

  const judged = (better, worse) => [better ? `${better.toLocaleString("en")} better` : "", worse ? `${worse.toLocaleString("en")} worse` : ""].filter(Boolean).join(", ") || "both wrong"

  function row({here, there, colors, count, better, worse}, index) {
    const swatch = (fill_) => h("i", {class: "swatch", style: `background:${fill_}`})
    const says = `${count.toLocaleString("en")} test images are ${here} after ${model.card.first} and ${there} after ${model.card.second}; of ${better.toLocaleString("en")} the latter is right, of ${worse.toLocaleString("en")} the former; a click selects them`
    return h("button", {type: "button", class: "change", title: says, "data-row": index, click: (event) => say(model, "change", {row: index, ...held(event)})},
      h("span", {class: "names"}, swatch(colors[0]), here, h("span", {class: "quiet"}, " → "), swatch(colors[1]), there),
      h("span", {class: "count"}, count.toLocaleString("en")),
      h("span", {class: "quiet judged"}, judged(better, worse)))
  }

  function draw() {
    const {title, method, first, second, parts, rows, more, changed} = model.card
    if (!rows) return
    const top = root.scrollTop, active = root.getRootNode().activeElement?.dataset ?? {}
    fill(root, h("p", {class: "verdict", title: method}, title),
      agreementTable(parts, first, second, "A click selects these images on every page", (name, event) => say(model, "part", {name, ...held(event)})),
      h("h3", {}, changed ? `${changed.toLocaleString("en")} answers differ: after ${first} → after ${second}` : "No answer differs"),
      h("div", {class: "list"}, rows.map(row), more ? h("p", {class: "quiet"}, `and ${more.toLocaleString("en")} rarer changes`) : null))
    root.scrollTop = top
    const before = active.row ? root.querySelector(`[data-row="${active.row}"]`) : active.key ? root.querySelector(`[data-key="${active.key}"]`) : null
    before?.focus()
  }

  model.on("card", draw)
  draw()
  return root
}
