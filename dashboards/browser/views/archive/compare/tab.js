import {agreementTable} from "../../../widgets/agreement.js"
import {h, say} from "../../../widgets/dom.js"

export function compareTab({card, model}) {
  if (!card.choices?.length && !card.more) return []
  const line = ([name, ...values]) =>
    h(
      "tr",
      {class: values[2] === "same" ? "same" : ""},
      h("th", {scope: "row"}, name),
      values.map((value) => h("td", {}, value)),
    )
  const table = (label, groups, names) =>
    h(
      "table",
      {"aria-label": label},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", {}, label),
          names.map((name) => h("th", {}, name)),
        ),
      ),
      groups.map(([group, rows]) =>
        h(
          "tbody",
          {},
          group
            ? h("tr", {class: "group"}, h("th", {colspan: names.length + 1, scope: "rowgroup"}, group))
            : null,
          rows.map(line),
        ),
      ),
    )
  return [
    h(
      "label",
      {class: "versus"},
      h("span", {}, "first ", h("b", {}, card.first)),
      h(
        "span",
        {class: "row"},
        "second ",
        h(
          "select",
          {
            "aria-label": "Compare with",
            "data-key": "other",
            change: (event) => say(model, "other", event.target.value),
          },
          h("option", {value: "", selected: !card.other, disabled: true}, "choose a run"),
          card.choices.map((id) => h("option", {value: id, selected: id === card.other}, id)),
        ),
        card.more
          ? h("input", {
              type: "search",
              "aria-label": "Find a run",
              placeholder: "Find a run",
              "data-key": "seek",
              spellcheck: "false",
              title: `The menu has the latest of ${card.more.toLocaleString("en-US")} runs: type a part of another's id`,
              change: (event) => say(model, "seek", event.target.value),
            })
          : null,
      ),
    ),
    card.agreement?.length
      ? agreementTable(card.agreement, "first", "second", "Study these images of the first run", (name) =>
          say(model, "part", name),
        )
      : null,
    card.settings?.length
      ? table(card.different, [["", card.settings]], ["first", "second"])
      : card.different
        ? h("h3", {}, card.different)
        : null,
    card.metrics ? table("Metrics", card.metrics, ["first", "second", "difference"]) : null,
  ]
}
