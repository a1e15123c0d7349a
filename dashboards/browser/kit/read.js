// The line that says what is pointed at in the maps of a card.

import {useContext} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {values} from "./bytes.js"
import {Card, Pointed} from "./context.js"
import {attributes, nodes} from "./node.js"
import {brief, signed} from "./numbers.js"

/**
 * Of the map under the pointer, and of those that are told `always`.
 * @param {import("../messages.d.ts").Read} message
 */
export function Read({template, children, ...rest}) {
  const {at} = useContext(Pointed)
  const {tree} = useContext(Card)
  if (at?.kind === "button" || at?.kind === "place") return h("p", attributes(rest), at.says)
  if (at?.kind === "heat" && at.says) return h("p", attributes(rest), said(at))
  if (at?.kind !== "heat" || !at.reading) return h("p", attributes(rest), nodes(children))
  const told = [...heats(tree)].filter(({reading}) => reading?.always || reading?.name === at.reading.name)
  return h(
    "p",
    attributes(rest),
    `${placed(template, at)}: ${told.map((heat) => words(heat, at)).join(", ")}`,
  )
}

function* heats(element) {
  if (element?.kind === "heat") yield element
  for (const child of element?.children ?? []) yield* heats(child)
}

function words({reading: {name, unit, factor, other}, values: held, grid}, {v, u}) {
  const value = factor * values(held, Float32Array)[v * grid[1] + u]
  return `${name} ${signed(value)} ${unit}${other ? ` (${signed(value * other[0])} ${other[1]})` : ""}`
}

/**
 * What a map says of a cell.
 * @param {import("./context.js").Cell} cell
 */
function said({says, values: held, grid, v, u, windows}) {
  const value = brief(values(held, Float32Array)[v * grid[1] + u])
  return placed(says.replace("{value}", value), {v, u, windows})
}

/**
 * Where a cell is, in the words of a template.
 * @param {string} template
 * @param {Pick<import("./context.js").Cell, "v" | "u" | "windows">} cell
 */
function placed(template, {v, u, windows}) {
  const range = (first, side) => (side > 1 ? `${first + 1}–${first + side}` : `${first + 1}`)
  const {top = [], left = [], side = 1} = windows ?? {}
  const known = {row: v + 1, column: u + 1, rows: range(top[v], side), columns: range(left[u], side)}
  return template.replace(/\{(\w+)\}/g, (_, name) => known[name])
}
