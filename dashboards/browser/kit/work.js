// Work under way: what it does, how far it is, how long it will take, and a way to stop it.

import {useContext} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"

export function Work({text, detail, end, share, cancel}) {
  if (!text) return null
  const known = share != null
  const bar = h(
    "div",
    {
      class: "bar",
      role: "progressbar",
      "aria-label": "Progress",
      "aria-valuemin": 0,
      "aria-valuemax": 100,
      "aria-valuenow": known ? Math.round(100 * share) : undefined,
    },
    h("span", {class: known ? "" : "unknown", style: known ? `width: ${100 * share}%` : ""}),
  )
  const line = h(
    "div",
    {class: "line"},
    h("b", {}, text),
    h("span", {class: "quiet detail"}, detail),
    h("span", {class: "quiet"}, end),
    h("button", {type: "button", class: "plain-text", onClick: cancel}, "Cancel"),
  )
  return h("div", {class: "work", role: "status"}, line, bar)
}

/** @param {import("../messages.d.ts").Progress} message */
export function Progress({name, act}) {
  const {works, say} = useContext(Card)
  return h(Work, {...works[name], cancel: () => say(act)})
}
