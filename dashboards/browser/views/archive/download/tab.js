import {h, say} from "../../../widgets/dom.js"
import {size} from "../../../widgets/format.js"

export function downloadTab({card, model, busy, memory}) {
  memory.without ??= new Set()
  memory.saved ??= new Set()
  const {parts = [], ready} = card,
    largest = Math.max(...parts.map((part) => part.bytes), 1)
  const button = h("button", {
    type: "button",
    class: "action primary",
    disabled: busy,
    click: () => say(model, "prepare", [...memory.without]),
  })
  const total = h("b", {class: "number"}),
    note = h("p", {class: "quiet"})

  function count() {
    const kept = parts.filter((part) => !memory.without.has(part.name))
    const bytes = kept.reduce((sum, part) => sum + part.bytes, 0)
    total.textContent = size(bytes)
    button.textContent = `Download ${size(card.size ?? bytes)}`
    button.disabled = busy || !(kept.length || card.size)
    const left = parts.length - kept.length
    note.textContent = left
      ? `The archive will say that ${left === 1 ? "a part was" : `${left} parts were`} left out; what needs ${left === 1 ? "it" : "them"} will say so where it is missing.`
      : ""
  }

  function toggle(name, keep) {
    memory.without[keep ? "delete" : "add"](name)
    count()
  }

  const lines = parts.map(({name, what, bytes}) =>
    h(
      "label",
      {class: "part"},
      h("input", {
        type: "checkbox",
        checked: !memory.without.has(name),
        "data-key": name,
        change: (event) => toggle(name, event.target.checked),
      }),
      h("span", {class: "name"}, h("b", {}, name), h("span", {class: "quiet"}, what)),
      h(
        "span",
        {class: "amount", "aria-hidden": "true"},
        h("span", {style: `width:${(100 * bytes) / largest}%`}),
      ),
      h("span", {class: "number"}, size(bytes)),
    ),
  )
  count()
  if (ready && !memory.saved.has(ready.link)) {
    // written because somebody asked for it: it is saved at once
    memory.saved.add(ready.link)
    setTimeout(() => memory.link?.click())
  }
  memory.link = ready ? h("a", {href: ready.link, download: ready.name, class: "save"}, ready.name) : null
  return [
    card.partial ? h("p", {class: "warning"}, card.partial) : null,
    parts.length
      ? h(
          "div",
          {class: "parts", role: "group", "aria-label": "Parts of the archive"},
          lines,
          h("div", {class: "part total"}, h("span"), h("span", {}, "together"), h("span"), total),
        )
      : null,
    parts.length ? note : null,
    parts.length || card.size ? h("p", {class: "row"}, button) : null,
    ready
      ? h(
          "div",
          {class: "ready", role: "status"},
          h(
            "p",
            {},
            "Handed to your browser: ",
            memory.link,
            `, ${size(ready.bytes)}`,
            ready.without.length ? `, without ${ready.without.join(", ")}` : "",
            ".",
          ),
          h("p", {class: "quiet"}, "Anyone can check it without DeepVID:"),
          h("code", {}, ready.check),
        )
      : null,
  ]
}
