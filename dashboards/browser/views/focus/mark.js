import {h, say} from "../../widgets/dom.js"

export const FLAG = "M4 14.5V2 M4 2.8h8.5l-2.2 3 2.2 3H4"

/** What a person says of an image's label; `close` is called when it is said. */
export function markPopover(model, sample, close) {
  const {marked, remark, label, true: is, offered, classes, count, unkept, refusal} = model.mark
  const text = h("textarea", {
    rows: 2,
    maxlength: 500,
    "aria-label": "Remark",
    placeholder: "Remark (optional)",
  })
  text.value = remark
  const chosen = marked ? label : offered
  const should = h(
    "select",
    {"aria-label": "It should be"},
    h("option", {value: "", selected: chosen == null}, "not known"),
    classes.map((name, index) =>
      name === is ? null : h("option", {value: index, selected: index === chosen}, name),
    ),
  )
  const submit = (event) => {
    event.preventDefault()
    say(model, "mark", {sample, remark: text.value, label: should.value === "" ? null : Number(should.value)})
    close()
  }
  const keys = (event) => {
    event.stopPropagation()
    if (event.key === "Escape") close()
    if (event.key === "Enter" && event.target === text && !event.shiftKey) submit(event)
  }
  const number = `${count.toLocaleString("en")} image${count === 1 ? "" : "s"} marked in this run`
  return h(
    "form",
    {class: "popover", "aria-label": "Mark as mislabelled", submit, keydown: keys},
    h("h3", {class: "title"}, `#${sample} is labelled ${is}`),
    h("div", {class: "fields"}, text, h("label", {}, h("span", {}, "It should be"), should)),
    h(
      "div",
      {class: "line"},
      h(
        "p",
        {class: "quiet"},
        unkept ? `${unkept} The mark stays in this page: export it.` : "It is kept in the run’s notes.",
      ),
      marked
        ? h(
            "button",
            {
              type: "button",
              class: "chip",
              click: () => {
                say(model, "unmark", sample)
                close()
              },
            },
            "Unmark",
          )
        : null,
      h("button", {type: "submit", class: "action"}, marked ? "Save" : "Mark"),
    ),
    h(
      "div",
      {class: "line all"},
      h("p", {class: "quiet"}, number),
      h(
        "button",
        {
          type: "button",
          class: "chip",
          disabled: !count || Boolean(refusal),
          title: refusal,
          click: () => say(model, "export"),
        },
        "Export CSV",
      ),
    ),
  )
}
