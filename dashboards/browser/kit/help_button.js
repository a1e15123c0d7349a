// A "?" that opens what a view shows, how to use it, and what can mislead in it.

import {useEffect, useRef} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"

const EDGE = 8 // CSS pixels between what is open and the window's edge
const PICTURES = [
  ["png", "PNG", "A picture of three pixels for each of the screen"],
  ["svg", "SVG", "For browsers: its text stays text"],
]

/** @param {import("../messages.d.ts").HelpButton} message */
export function HelpButton({subject, what, use, beware, source}) {
  const [button, card] = [useRef(null), useRef(null)]
  useEffect(() => popover(button.current, card.current), [])
  const rows = [
    ["Use it", use],
    ["Beware", beware],
    ["Source", source],
  ].filter(([, text]) => text)
  const picture = ([kind, text, title]) => {
    const detail = () => ({card: cardOf(button.current), kind})
    const ask = () => document.dispatchEvent(new CustomEvent("dv-picture", {detail: detail()}))
    return h("button", {type: "button", class: "chip", title, onClick: ask}, text) // the next Escape is for it
  }
  const title = `What ${subject} shows`
  return h(
    "span",
    {class: "helped"},
    h("button", {type: "button", class: "plain help-button", title, "aria-label": title, ref: button}, "?"),
    h(
      "div",
      {popover: "auto", class: "help", role: "note", ref: card},
      h("p", {}, what),
      h(
        "dl",
        {},
        rows.flatMap(([name, text]) => [h("dt", {}, name), h("dd", {}, text)]),
      ),
      h("div", {class: "save quiet"}, "Save this view as ", PICTURES.map(picture)),
    ),
  )
}

/** The card that an element is in, however many shadow roots are between. */
function cardOf(element) {
  for (let at = element; at; at = at.parentNode ?? at.host) if (at.classList?.contains("dv-card")) return at
  return element
}

/** Opens `card` above all else and beside a button; the function that is returned ends that. */
function popover(button, card) {
  const keys = (listen) => window[`${listen}EventListener`]("keydown", close, {capture: true})

  // It goes no further: elsewhere Escape takes the selection back.
  function close(event) {
    if (event.key !== "Escape") return
    event.preventDefault()
    event.stopPropagation()
    card.hidePopover()
    button.focus()
  }

  // `toggle` comes a moment later: a key pressed meanwhile would go astray.
  const before = ({newState}) => keys(newState === "open" ? "add" : "remove")

  function place({newState}) {
    if (newState !== "open") return
    const at = button.getBoundingClientRect()
    const {offsetWidth: width, offsetHeight: height} = card
    const left = Math.min(at.right - width, innerWidth - width - EDGE)
    const below = at.bottom + 6 + height <= innerHeight
    card.style.left = `${Math.max(EDGE, left)}px`
    card.style.top = `${below ? at.bottom + 6 : Math.max(EDGE, at.top - height - 6)}px`
  }

  button.popoverTargetElement = card
  card.addEventListener("beforetoggle", before)
  card.addEventListener("toggle", place)
  return () => keys("remove")
}
