import {h, say} from "../../../widgets/dom.js"

const LONG = 12 // names of a list shown before it folds

export function verifyTab({card, model, busy}) {
  const names = (list) =>
    h(
      "ul",
      {},
      list.map((name) => h("li", {}, name)),
    )
  return [
    card.action
      ? h(
          "p",
          {class: "row"},
          h(
            "button",
            {type: "button", class: "action", disabled: busy, click: () => say(model, "verify")},
            card.action,
          ),
        )
      : null,
    (card.lists ?? []).map(({title, names: list}) =>
      list.length <= LONG
        ? h("section", {}, h("h3", {}, title), names(list))
        : h("details", {"data-key": title}, h("summary", {}, title), names(list)),
    ),
  ]
}
