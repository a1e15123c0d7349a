function compareTab({card, model}) {
  if (!card.choices?.length) return []
  const line = ([name, ...values]) => h("tr", {class: values[2] === "same" ? "same" : ""}, h("th", {scope: "row"}, name),
    values.map((value) => h("td", {}, value)))
  const table = (label, groups, names) => h("table", {"aria-label": label},
    h("thead", {}, h("tr", {}, h("th", {}, label), names.map((name) => h("th", {}, name)))),
    groups.map(([group, rows]) => h("tbody", {}, group ? h("tr", {class: "group"}, h("th", {colspan: names.length + 1, scope: "rowgroup"}, group)) : null, rows.map(line))))
  const part = ({name, count, share}) => h("td", {}, h("button", {type: "button", class: "plain-text", disabled: !count, "data-key": name, title: "Study these images of the first run",
    click: () => say(model, "part", name)}, count.toLocaleString("en")), h("span", {class: "quiet"}, ` ${share}`))
  const [both, first, second, none] = card.agreement?.length ? card.agreement : []
  return [
    h("label", {class: "versus"}, h("span", {}, "first ", h("b", {}, card.first)), h("span", {class: "row"}, "second ",
      h("select", {"aria-label": "Compare with", "data-key": "other", change: (event) => say(model, "other", event.target.value)},
        h("option", {value: "", selected: !card.other, disabled: true}, "choose a run"),
        card.choices.map((id) => h("option", {value: id, selected: id === card.other}, id))))),
    both ? h("table", {"aria-label": "Test images by who is right", class: "agreement"},
      h("thead", {}, h("tr", {}, h("th", {}, "Test images"), h("th", {scope: "col"}, "second right"), h("th", {scope: "col"}, "second wrong"))),
      h("tbody", {}, h("tr", {}, h("th", {scope: "row"}, "first right"), part(both), part(first)), h("tr", {}, h("th", {scope: "row"}, "first wrong"), part(second), part(none)))) : null,
    card.settings?.length ? table(card.different, [["", card.settings]], ["first", "second"]) : card.different ? h("h3", {}, card.different) : null,
    card.metrics ? table("Metrics", card.metrics, ["first", "second", "difference"]) : null,
  ]
}
