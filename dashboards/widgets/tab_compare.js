function compareTab({card, model}) {
  if (!card.choices?.length) return []
  const table = (label, rows, names, last) => h("table", {"aria-label": label},
    h("thead", {}, h("tr", {}, h("th", {}, label), names.map((name) => h("th", {}, name)))),
    h("tbody", {}, rows.map(([name, ...values]) => h("tr", {}, h("th", {scope: "row"}, name),
      values.slice(0, names.length).map((value, index) => h("td", {class: last && index === 2 ? "quiet" : ""}, value))))))
  return [
    h("label", {class: "versus"}, h("span", {}, "first ", h("b", {}, card.first)), h("span", {class: "row"}, "second ",
      h("select", {"aria-label": "Compare with", "data-key": "other", change: (event) => say(model, "other", event.target.value)},
        h("option", {value: "", selected: !card.other, disabled: true}, "choose a run"),
        card.choices.map((id) => h("option", {value: id, selected: id === card.other}, id))))),
    card.metrics ? table("Metrics", card.metrics, ["first", "second", "difference"], true) : null,
    card.settings?.length ? table(card.different, card.settings, ["first", "second"]) : card.different ? h("h3", {}, card.different) : null,
  ]
}
