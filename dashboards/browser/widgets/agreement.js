// Test images by which of two classifiers is right: four counts, each a button.

import {h} from "./dom.js"

/** `parts` as `Agreement` has them; `first` and `second` are what the two are called. */
export function agreementTable(parts, first, second, hint, choose) {
  const [both, one, other, none] = parts
  const cell = ({name, count, share}) =>
    h(
      "td",
      {},
      h(
        "button",
        {
          type: "button",
          class: "plain-text",
          disabled: !count,
          "data-key": name,
          title: hint,
          click: (event) => choose(name, event),
        },
        count.toLocaleString("en"),
      ),
      h("span", {class: "quiet"}, ` ${share}`),
    )
  return h(
    "table",
    {"aria-label": "Test images by who is right", class: "agreement"},
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", {}, "Test images"),
        h("th", {scope: "col"}, `${second} right`),
        h("th", {scope: "col"}, `${second} wrong`),
      ),
    ),
    h(
      "tbody",
      {},
      h("tr", {}, h("th", {scope: "row"}, `${first} right`), cell(both), cell(one)),
      h("tr", {}, h("th", {scope: "row"}, `${first} wrong`), cell(other), cell(none)),
    ),
  )
}
