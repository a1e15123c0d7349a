export function render({model}) {
  const head = h("div"), pictures = h("div", {class: "pictures"}), foot = h("div", {class: "foot quiet"}), empty = h("div", {class: "empty"})
  const work = workLine(() => say(model, "cancel"))
  const root = h("div", {class: "card"}, head, work.element, pictures, empty, foot)

  function picture(shape) {
    const canvas = h("canvas", {class: "image", width: shape[1], height: shape[0], role: "img", "aria-label": "The image under study", style: `aspect-ratio:${shape[1]} / ${shape[0]}`})
    canvas.getContext("2d").drawImage(sheetOf(model.image, shape, 1).canvas, 0, 0)
    return canvas
  }

  function take() {
    const {shown = {squares: []}, sentence, trust, weak, waiting, action, fault, sample} = model.card, any = shown.squares.length > 0
    fill(head, sentence ? h("h3", {}, sentence) : null)
    pictures.hidden = !any
    empty.hidden = any
    fill(empty, fault ? h("p", {class: "warning"}, fault) : null, h("p", {}, waiting ?? ""), action ? h("button", {type: "button", class: "action", click: () => say(model, "fit", sample)}, action) : null)
    if (!any) { fill(pictures); fill(foot); return }
    const palette = diverging(), {shape, cell, grid, pair} = shown
    const sizes = (count, size) => Array.from({length: count}, (_, at) => `minmax(0, ${Math.min(cell, size - at * cell)}fr)`).join(" ")
    fill(pictures, picture(shape), h("div", {class: "squares", role: "list", "aria-label": "Squares of the image", style: `aspect-ratio:${shape[1]} / ${shape[0]}; grid-template-rows:${sizes(grid[0], shape[0])}; grid-template-columns:${sizes(grid[1], shape[1])}`},
      shown.squares.map(({value, level, hint}) => {
        const [r, g, b] = palette[level + 127], light = .299 * r + .587 * g + .114 * b > 140
        return h("div", {class: "square", role: "listitem", title: hint, "aria-label": hint, style: `background:rgb(${r} ${g} ${b}); color:${light ? "#000" : "#fff"}`}, value)
      })))
    fill(foot, h("span", {class: weak ? "warning trust" : "trust"}, trust),
      h("span", {class: "scale", title: `Logits that a square adds to ${pair[0]} against ${pair[1]}; the colors end at ±${shown.end.toPrecision(2)}`}, `for ${pair[1]}`, scaleStrip(palette), `for ${pair[0]}`))
  }

  followTheme(model, take)
  let taking = 0
  model.on(["card", "image"], () => { taking ||= requestAnimationFrame(() => { taking = 0; take() }) })
  model.on("work", () => work.show(model.work))
  work.show(model.work)
  take()
  return root
}
