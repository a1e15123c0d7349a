// A card: the work under way, and a tree of elements; or, in their place, why there is nothing to see.

import {useState} from "../vendor/preact/hooks.mjs"
import {render as draw, h} from "../vendor/preact/preact.mjs"
import {Card, Pointed} from "./context.js"
import "./elements.js"
import {onceAFrame} from "./frame.js"
import {nodes} from "./node.js"
import {adopt} from "./style.js"
import {Work} from "./work.js"

function Root({look, tree, work, works, lists, memory, hovered, answered, say}) {
  const [at, point] = useState(null)
  const [chosen, choose] = useState({})
  const content = h(
    "div",
    {class: `card ${look}`},
    h(Work, {...work, cancel: () => say("cancel")}),
    nodes(tree?.kind ? [tree] : []),
  )
  const choosing = {chosen, choose: (name, place) => choose({...chosen, [name]: place})}
  const card = {tree, say, work, works, lists, memory, hovered, answered: answered ?? {}, ...choosing}
  return h(Card.Provider, {value: card}, h(Pointed.Provider, {value: {at, point}}, content))
}

/**
 * A tree with bytes in the places of their names: those that were `known` stay the same arrays.
 * @param {{tree: string, places: Record<string, [number, number]>, held: ArrayBuffer}} model
 * @param {Map<string, Uint8Array>} known - becomes what this tree has
 */
function unpacked({tree, places, held}, known) {
  if (!tree) return {}
  for (const name of known.keys()) if (!(name in places)) known.delete(name)
  for (const [name, [start, end]] of Object.entries(places))
    if (!known.has(name)) known.set(name, new Uint8Array(held, start, end - start))
  return JSON.parse(tree, (_, value) => (value?.$bytes ? known.get(value.$bytes) : value))
}

export async function render({model, el}) {
  const root = document.createElement("div")
  root.className = "kit"
  await adopt(el.getRootNode(), model.sheet)
  const memory = new Map()
  const say = (action, value = null) => model.send_msg({action, value})
  const known = new Map()
  let [sent, tree] = [null, null]
  const show = () => {
    const {look, work, works, lists, hovered, answered} = model
    if (sent !== model.tree) [sent, tree] = [model.tree, unpacked(model, known)]
    draw(h(Root, {look, tree, work, works, lists, memory, hovered, answered, say}), root)
  }
  model.on(["tree", "work", "works", "lists", "hovered"], onceAFrame(show))
  model.on("answered", show)
  model.on("download", () => {
    const {link, name} = model.download
    if (link) Object.assign(document.createElement("a"), {href: link, download: name}).click()
  })
  model.on("remove", () => draw(null, root))
  show()
  return root
}
