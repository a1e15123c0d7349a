import {fill, h} from "./dom.js"

export function render({model}) {
  const root = h("div", {class: "told quiet"})
  const draw = () =>
    fill(
      root,
      model.lines.map(([text, hint]) => h("p", {title: hint}, text)),
    )
  model.on("lines", draw)
  draw()
  return root
}
