import {cardOf} from "../kit/help_button.js"
import {h} from "./dom.js"

export {cardOf}

/** A "?" that says what a view shows, how to use it, and what can mislead in it; null where there is no help. */
export function helpButton(model, title = "this") {
  const {what, use, beware, source} = model.help
  if (!what) return null
  const rows = [
    ["Use it", use],
    ["Beware", beware],
    ["Source", source],
  ].filter(([, text]) => text)
  const card = h(
    "div",
    {popover: "auto", class: "help", role: "note"},
    h("p", {}, what),
    h(
      "dl",
      {},
      rows.flatMap(([name, text]) => [h("dt", {}, name), h("dd", {}, text)]),
    ),
    h(
      "div",
      {class: "pictures quiet"},
      "Save this view as ",
      picture("png", "PNG", "A picture of three pixels for each of the screen"),
      picture("svg", "SVG", "For browsers: its text stays text"),
    ),
  )
  const button = h(
    "button",
    {
      type: "button",
      class: "plain help-button",
      title: `What ${title} shows`,
      "aria-label": `What ${title} shows`,
    },
    "?",
  )
  return popoverOf(button, card)

  function picture(kind, text, title) {
    const ask = () =>
      document.dispatchEvent(new CustomEvent("dv-picture", {detail: {card: cardOf(button), kind}}))
    return h("button", {type: "button", class: "chip", title, click: ask}, text) // it stays open: the next Escape is for it
  }
}

/** A button and what it opens, above all else and beside it. */
export function popoverOf(button, card) {
  button.popoverTargetElement = card

  function letGo(event) {
    // it goes no further: elsewhere Escape takes the selection back
    if (event.key !== "Escape") return
    if (!card.matches(":popover-open")) return window.removeEventListener("keydown", letGo, {capture: true}) // it was drawn anew
    event.preventDefault()
    event.stopPropagation()
    card.hidePopover()
    button.focus()
  }

  // `toggle` comes a moment later: a key pressed meanwhile would go astray
  card.addEventListener("beforetoggle", ({newState}) =>
    window[newState === "open" ? "addEventListener" : "removeEventListener"]("keydown", letGo, {
      capture: true,
    }),
  )

  card.addEventListener("toggle", ({newState}) => {
    if (newState !== "open") return
    const at = button.getBoundingClientRect(),
      {offsetWidth: width, offsetHeight: height} = card
    const below = at.bottom + 6 + height <= innerHeight
    card.style.left = `${Math.max(8, Math.min(at.right - width, innerWidth - width - 8))}px`
    card.style.top = `${below ? at.bottom + 6 : Math.max(8, at.top - height - 6)}px`
  })
  return h("span", {class: "helped"}, button, card)
}
