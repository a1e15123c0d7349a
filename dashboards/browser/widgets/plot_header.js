import {fill, h, partial, say, segmented} from "./dom.js"
import {helpButton} from "./help.js"

export function render({model}) {
  const content = h("div", {class: "content"})
  const root = h("div", {class: "bar"}, content, helpButton(model, "this plot"))

  function choice({name, label, value, options, menu}) {
    const choose = (chosen) => say(model, "choose", [name, chosen])
    if (!menu) return segmented(label, options, value, choose)
    return h(
      "label",
      {},
      h("span", {class: "word"}, label),
      h(
        "select",
        {"aria-label": label, title: label, change: (event) => choose(event.target.value)},
        options.map(([each, text, title = ""]) =>
          h("option", {value: each, selected: each === value, title}, text),
        ),
      ),
    )
  }

  function line(notes, legend) {
    if (!notes.length && !legend.length) return null
    const rest = h("span", {class: "quiet note", title: notes.map(([text]) => text).join("\n")}, "…")
    const shown = h(
      "div",
      {class: "line quiet"},
      legend.map(([name, shade]) =>
        h("span", {}, h("i", {class: "swatch", style: `background:${shade}`}), name),
      ),
      notes.map(([text, hint]) => h("span", {class: "note", title: hint}, text)),
    )
    new ResizeObserver(() => {
      rest.hidden = shown.scrollHeight <= shown.clientHeight
    }).observe(shown)
    return [shown, rest]
  }

  function draw() {
    const {title, badge, choices = [], notes = [], legend = [], switches = []} = model.bar
    const focused = root.getRootNode().activeElement?.dataset?.name
    fill(
      content,
      title == null ? null : h("h2", {class: "title", title}, title),
      badge ? partial(badge) : null,
      line(notes, legend),
      choices.map(choice),
      switches.length
        ? h(
            "div",
            {class: "segmented", role: "group", "aria-label": "What is shown"},
            switches.map(([name, text, hint, on]) =>
              h(
                "button",
                {
                  type: "button",
                  "data-name": name,
                  title: hint,
                  "aria-pressed": String(on),
                  click: () => say(model, "choose", ["show", name]),
                },
                text,
              ),
            ),
          )
        : null,
    )
    if (focused) content.querySelector(`[data-name="${focused}"]`)?.focus()
  }

  model.on("bar", draw)
  draw()
  return root
}
