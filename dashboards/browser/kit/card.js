// A card: the work under way, and a tree of elements; or, in their place, why there is nothing to see.

import {useState} from "../vendor/preact/hooks.mjs"
import {render as draw, h} from "../vendor/preact/preact.mjs"
import {Card, Pointed} from "./context.js"
import "./elements.js"
import {nodes} from "./node.js"
import {adopt} from "./style.js"
import {Work} from "./work.js"

function Root({look, tree, work, lists, hovered, say}) {
  const [at, point] = useState(null)
  const content = h(
    "div",
    {class: `card ${look}`},
    h(Work, {...work, cancel: () => say("cancel")}),
    nodes(tree?.kind ? [tree] : []),
  )
  return h(
    Card.Provider,
    {value: {tree, say, work, lists, hovered}},
    h(Pointed.Provider, {value: {at, point}}, content),
  )
}

export async function render({model, el}) {
  const root = document.createElement("div")
  root.className = "kit"
  await adopt(el.getRootNode(), model.sheet)
  const say = (action, value = null) => model.send_msg({action, value})
  const show = () => {
    const {look, tree, work, lists, hovered} = model
    draw(h(Root, {look, tree, work, lists, hovered, say}), root)
  }
  let frame = 0
  const later = () => {
    if (frame) return
    frame = requestAnimationFrame(() => {
      frame = 0
      show()
    })
  }
  model.on(["tree", "work", "lists", "hovered"], later)
  model.on("remove", () => draw(null, root))
  show()
  return root
}
