// A "?" that opens what a view shows, how to use it, and what can mislead in it.

import {h} from "../vendor/preact/preact.mjs"
import {Dropdown} from "./dropdown.js"

/** The card that an element is in, however many shadow roots are between. */
export function cardOf(element) {
  for (let at = element; at; at = at.parentNode ?? at.host) if (at.classList?.contains("dv-card")) return at
  return element
}

function picture(kind, words, title) {
  const ask = ({currentTarget}) =>
    document.dispatchEvent(new CustomEvent("dv-picture", {detail: {card: cardOf(currentTarget), kind}}))
  return h("button", {type: "button", class: "chip", title, onClick: ask}, words) // it stays open: the next Escape is for it
}

/** @param {import("../messages.d.ts").HelpButton} message */
export function HelpButton({subject, what, use, beware, source, about}) {
  const rows = [
    ["Use it", use],
    ["Beware", beware],
    ["Source", source],
  ].filter(([, words]) => words)
  const title = `What ${subject} shows`
  const pictures = h(
    "div",
    {class: "pictures quiet"},
    "Save this view as ",
    picture("png", "PNG", "A picture of three pixels for each of the screen"),
    picture("svg", "SVG", "For browsers: its text stays text"),
  )
  const told = rows.map(([name, words]) => [h("dt", {}, name), h("dd", {}, words)])
  const face = {class: "plain help-button", title, "aria-label": title}
  const inside = {class: "help", role: "note"}
  return h(
    Dropdown,
    {face, words: "?", inside, about: `${about} ${what}`},
    h("p", {}, what),
    h("dl", {}, told),
    pictures,
  )
}
