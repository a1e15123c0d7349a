// Lines of small framed images, of which as many are drawn as fit.

import {useContext} from "../vendor/preact/hooks.mjs"
import {createContext, h} from "../vendor/preact/preact.mjs"
import {nodes} from "./node.js"
import {useRoom} from "./room.js"
import {BORDER, Side} from "./thumbnail.js"

const [SMALLEST, LARGEST] = [24, 52] // CSS pixels of an image
const [GAP, WORDS, TITLE, LEAST] = [6, 30, 20, 40] // between two, below one, above all, of one with its words

/** How many images are on a line. */
const Columns = createContext(1)

/** @param {import("../messages.d.ts").Shelves} message */
export function Shelves({children}) {
  const {box, width, height} = useRoom()
  const most = Math.max(1, ...children.map((shelf) => shelf.children.length))
  const high = (height - GAP) / children.length - TITLE - WORDS - 2 * BORDER
  const wide = Math.max(width / most - GAP - 2 * BORDER, LARGEST - 12)
  const side = Math.max(SMALLEST, Math.min(LARGEST, high, wide))
  const fit = Math.floor((width + GAP) / (Math.max(side + 2 * BORDER, LEAST) + GAP))
  const columns = Math.max(1, Math.min(most, fit))
  const shelves = h(Columns.Provider, {value: columns}, h(Side.Provider, {value: side}, nodes(children)))
  return h("div", {class: "shelves", ref: box}, width ? shelves : null)
}

/** @param {import("../messages.d.ts").Shelf} message */
export function Shelf({title, children, notes, none}) {
  const columns = useContext(Columns)
  const on = children.slice(0, columns)
  const part = on.length < children.length ? `the first ${on.length} of ${children.length}` : null
  const heading = h(
    "h4",
    {},
    title,
    part && h("span", {class: "quiet"}, part),
    notes.map((note) => h("span", {class: "quiet how"}, note)),
  )
  const line = h("div", {class: "tiles", style: `--columns: ${columns}`}, nodes(on))
  return h("section", {"aria-label": title}, heading, on.length ? line : h("p", {class: "quiet"}, none))
}
