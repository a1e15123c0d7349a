// A small line, as in a table.

import {h} from "../vendor/preact/preact.mjs"

const WIDE = 56
const HIGH = 18
const PAD = 3

/** @param {import("../messages.d.ts").Curve} message */
export function Curve({values, at, beside, label}) {
  const known = [...values, ...beside].filter((value) => value != null)
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const last = Math.max(1, values.length - 1, beside.length - 1)
  const x = (index) => PAD + (index / last) * (WIDE - 2 * PAD)
  const y = (value) => (high === low ? HIGH / 2 : PAD + (1 - (value - low) / (high - low)) * (HIGH - 2 * PAD))
  const path = (line) =>
    `M${line.flatMap((value, index) => (value == null ? [] : [`${x(index)},${y(value)}`])).join("L")}`
  const dot = at != null && values[at] != null ? h("circle", {cx: x(at), cy: y(values[at]), r: 3}) : null
  const attributes = {class: "curve", width: WIDE, height: HIGH, role: label ? "img" : undefined}
  return h(
    "svg",
    {...attributes, "aria-label": label, "aria-hidden": !label},
    beside.length ? h("path", {class: "beside", d: path(beside)}) : null,
    h("path", {d: path(values)}),
    dot,
  )
}
