import {h} from "../../widgets/dom.js"

/** The settings of the student shown, in a popover; `typed` (name -> text) holds what a person has changed. */
export function settingsPopover({sample, refit}, {open, typed, toggle, fit, tune, curve}) {
  const field = ({name, label, text, choices, hint}) => {
    const value = typed[name] ?? text,
      change = (event) => {
        typed[name] = event.target.value
      }
    const input = choices.length
      ? h(
          "select",
          {change},
          choices.map((choice) => h("option", {value: choice, selected: choice === value}, choice)),
        )
      : h("input", {type: "text", value, input: change, spellcheck: "false", autocomplete: "off"})
    input.setAttribute("aria-label", label)
    return h(
      "label",
      {title: hint, class: typed[name] != null && typed[name] !== text ? "changed" : ""},
      h("span", {}, label),
      input,
    )
  }
  const submit = (event) => {
    event.preventDefault()
    fit({...Object.fromEntries(refit.options.map(({name, text}) => [name, text])), ...typed})
  }
  const form = h(
    "form",
    {
      class: "popover",
      submit,
      keydown: (event) => {
        if (event.key === "Escape") toggle(false)
        event.stopPropagation()
      },
    },
    h("h3", {class: "title"}, `Fit a student of #${sample}`),
    h("div", {class: "fields"}, refit.options.map(field)),
    refit.fault ? h("p", {class: "warning"}, refit.fault) : null,
    h(
      "div",
      {class: "line"},
      h(
        "p",
        {class: "quiet"},
        refit.refusal || refit.unkept || "It is kept in the run's notes, beside its own.",
      ),
      h(
        "button",
        {
          type: "button",
          class: "chip tune",
          disabled: Boolean(refit.refusal),
          title: refit.refusal || "Try many settings on this image, and see which are the truest",
          click: tune,
        },
        "Tune …",
      ),
      h(
        "button",
        {
          type: "button",
          class: "chip",
          disabled: Boolean(refit.refusal),
          title:
            refit.refusal ||
            "Draw how an optimizer would come to this student, and how far it stays from the optimum",
          click: curve,
        },
        "Curve …",
      ),
      h("button", {type: "submit", class: "action", disabled: Boolean(refit.refusal)}, "Fit"),
    ),
  )
  return h(
    "div",
    {class: "refit"},
    h(
      "button",
      {type: "button", class: "chip", "aria-expanded": String(open), click: () => toggle(!open)},
      "Settings",
    ),
    open ? form : null,
  )
}
