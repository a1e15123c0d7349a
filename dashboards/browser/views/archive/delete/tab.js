import {h, say} from "../../../widgets/dom.js"

export function deleteTab({card, model, busy, memory, redraw}) {
  const asking = memory.asking && !card.refused
  const ask = (open) => {
    memory.asking = open
    redraw(open ? "keep" : "ask")
  }
  return [
    h(
      "dl",
      {class: "lost"},
      card.lost.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
    ),
    card.refused ? h("p", {class: "warning"}, card.refused) : null,
    asking
      ? h(
          "div",
          {class: "fault ask", role: "alertdialog", "aria-label": "Delete this run"},
          h("b", {}, "Delete it for good?"),
          h("p", {}, "Download an archive first if anybody may ask for it again."),
          h(
            "p",
            {class: "row"},
            h(
              "button",
              {type: "button", class: "action", "data-key": "keep", click: () => ask(false)},
              "Keep it",
            ),
            h(
              "button",
              {type: "button", class: "action", click: () => say(model, "tab", "download")},
              "Download first",
            ),
            h(
              "button",
              {
                type: "button",
                class: "action danger",
                disabled: busy,
                click: () => {
                  memory.asking = false
                  say(model, "delete")
                },
              },
              "Delete for good",
            ),
          ),
        )
      : h(
          "p",
          {class: "row"},
          h(
            "button",
            {
              type: "button",
              class: "action danger",
              "data-key": "ask",
              disabled: busy || Boolean(card.refused),
              click: () => ask(true),
            },
            "Delete this run …",
          ),
        ),
  ]
}
