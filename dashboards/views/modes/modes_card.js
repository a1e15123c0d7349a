const TILE = 36   // CSS pixels a picture aims at

export function render({model}) {
  const root = h("div", {class: "modes"})

  function picture(sheet, one, index) {
    const tile = tileSize(model.card.shape, TILE), ratio = window.devicePixelRatio || 1
    const [height, width] = tile.map((side) => side + 2 * BORDER)
    const style = `width:${width}px; height:${height}px`
    const canvas = h("canvas", {width: Math.round(width * ratio), height: Math.round(height * ratio), style})
    const context = canvas.getContext("2d")
    context.scale(ratio, ratio)
    context.imageSmoothingEnabled = tile[0] < model.card.shape[0]
    framed(context, sheet, index, 0, 0, tile, one.color)
    if (one.predicted) corner(context, width, 0, one.predicted)
    return h("button", {type: "button", class: "image", "data-sample": one.sample, title: one.hint,
      "aria-label": one.hint, click: () => say(model, "study", one.sample)}, canvas)
  }

  function evidence({places, grid, name}, palette) {
    const map = signedMap(Int8Array.from(places), grid, palette, `Evidence of ${name} by place, on average`)
    map.title = "What the answer loses with each place, on average"
    map.style = `width:${TILE}px; height:${TILE}px`
    return map
  }

  function mode(one, sheet, from, palette) {
    const {name, errors, sentence, confirmation, confirmed, action, query, chosen, images, places} = one
    const select = (event) => say(model, "select",
      {query, shift: event.shiftKey, ctrl: event.ctrlKey || event.metaKey})
    return h("section", {class: `mode ${confirmed ? "" : "quiet"}`, "aria-label": name},
      h("button", {type: "button", class: "name", "aria-pressed": String(chosen), title: "Select its errors",
        click: select}, h("b", {}, name), ` · ${errors.toLocaleString("en")}`),
      h("div", {class: "images"}, images.map((image, index) => picture(sheet, image, from + index)),
        places.length ? evidence(one, palette) : null),
      sentence ? h("p", {}, sentence) : null,
      h("p", {class: "confirmation"}, confirmation),
      action ? h("p", {class: "advice"}, action) : null)
  }

  function draw() {
    const {title, note, waiting, shape, modes = []} = model.card
    const top = root.querySelector(".list")?.scrollTop ?? 0
    const buttons = () => [...root.querySelectorAll("button")]
    const focused = buttons().indexOf(root.getRootNode().activeElement)
    const count = modes.reduce((sum, {images}) => sum + images.length, 0)
    const sheet = sheetOf(model.tiles, shape, count), palette = diverging()
    let from = 0
    fill(root, h("header", {}, h("h2", {class: "title"}, title ?? ""), h("p", {class: "quiet note"}, modes.length ? note : "")),
      modes.length ? h("div", {class: "list"}, modes.map((one) => {
        const section = mode(one, sheet, from, palette)
        from += one.images.length
        return section
      })) : h("div", {class: "empty"}, h("p", {}, waiting ?? "")))
    const list = root.querySelector(".list")
    if (list) list.scrollTop = top
    if (focused >= 0) buttons()[focused]?.focus()
  }

  let pending = 0
  model.on(["card", "tiles"], () => { pending ||= requestAnimationFrame(() => { pending = 0; draw() }) })
  followTheme(model, draw)
  draw()
  return root
}
