// The line that says what is pointed at in the maps of a card.

import {useContext} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {values} from "./bytes.js"
import {Card, Pointed} from "./context.js"
import {attributes, nodes} from "./node.js"
import {signed} from "./numbers.js"

/**
 * Of the map under the pointer, and of those that are told `always`.
 * @param {import("../messages.d.ts").Read} message
 */
export function Read({template, children, ...rest}) {
  const {at} = useContext(Pointed)
  const {tree} = useContext(Card)
  if (!at?.reading) return h("p", attributes(rest), nodes(children))
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
 * Where a cell is, in the words of a template.
 * @param {string} template
 * @param {import("./context.js").Cell} cell
 */
function placed(template, {v, u, windows}) {
  const range = (first, side) => (side > 1 ? `${first + 1}–${first + side}` : `${first + 1}`)
  const {top = [], left = [], side = 1} = windows ?? {}
  const known = {row: v + 1, column: u + 1, rows: range(top[v], side), columns: range(left[u], side)}
  return template.replace(/\{(\w+)\}/g, (_, name) => known[name])
}
