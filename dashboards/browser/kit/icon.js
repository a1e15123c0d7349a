// Line drawings, as on a button.

import {h} from "../vendor/preact/preact.mjs"

/** @param {import("../messages.d.ts").Icon} message */
export function Icon({path, look}) {
  const size = {viewBox: "0 0 16 16", width: 16, height: 16, fill: "none", stroke: "currentColor"}
  const ends = {"stroke-width": 1.6, "stroke-linecap": "round", "stroke-linejoin": "round"}
  return h("svg", {class: look, "aria-hidden": "true", ...size, ...ends}, h("path", {d: path}))
}

/** A button that is a line drawing: its label is its hint, too. */
export function IconButton({label, path, look = "plain", ...rest}) {
  const named = {class: look, title: label, "aria-label": label}
  return h("button", {type: "button", ...named, ...rest}, h(Icon, {path}))
}
