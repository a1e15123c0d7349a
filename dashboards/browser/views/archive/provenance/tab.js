import {h, iconButton} from "../../../widgets/dom.js"

const COPY = "M5.5 5.5h8v8h-8z M10.5 5.5v-3h-8v8h3"

/** Puts text on the clipboard, also where the page came over plain HTTP from another machine. */
async function toClipboard(text, place) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text)
  const area = h("textarea", {style: "position:fixed; opacity:0"})
  area.value = text
  place.append(area)
  area.select()
  document.execCommand("copy")
  area.remove()
}

function copyButton(label, text, place) {
  return iconButton(label, COPY, {
    class: "plain copy",
    click: async (event) => {
      const button = event.currentTarget
      await toClipboard(text, place)
      button.dataset.copied = "copied"
      setTimeout(() => delete button.dataset.copied, 1500)
    },
  })
}

export function provenanceTab({card, root}) {
  const kind = (value) => (/^[0-9a-f]{64}$/.test(value) ? "hash" : "") // too long for a column: on a line of its own
  const fields = (rows) =>
    h(
      "dl",
      {},
      rows.flatMap(([name, value]) => [
        h("dt", {class: kind(value)}, name),
        h("dd", {class: kind(value)}, h("span", {}, value), copyButton(`Copy ${name}`, value, root)),
      ]),
    )
  return [
    card.command
      ? h(
          "div",
          {class: "command"},
          h("code", {}, card.command),
          copyButton("Copy the command", card.command, root),
        )
      : null,
    card.sections.map(({title, rows, folded}) =>
      folded
        ? h("details", {"data-key": title.replace(/^\d+ /, "")}, h("summary", {}, title), fields(rows))
        : h("section", {}, h("h3", {}, title), fields(rows)),
    ),
    h(
      "p",
      {class: "end"},
      h(
        "button",
        {
          type: "button",
          class: "action",
          click: async (event) => {
            const button = event.currentTarget
            await toClipboard(card.json, root)
            button.textContent = "Copied"
            setTimeout(() => {
              button.textContent = "Copy all as JSON"
            }, 1500)
          },
        },
        "Copy all as JSON",
      ),
    ),
  ]
}
