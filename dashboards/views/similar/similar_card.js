const TARGET = 52    // CSS pixels a tile aims at
const GAP = 6, TEXT = 30, TITLE = 20   // CSS pixels between tiles, of the lines under one, of a group's title

export function render({model}) {
  const root = h("div", {class: "card"})
  let sheet = null, room = [0, 0]   // height and width of all groups

  const size = () => {
    const tile = tileSize(model.card.shape, TARGET)
    return {tile, frame: tile.map((side) => side + 2 * BORDER)}
  }

  /** How many columns fit, and how many rows of each group: the first one has no fewer than the others. */
  function fitting(groups) {
    const [height, width] = size().frame, count = Math.max(1, ...groups.map(({tiles}) => tiles.length))
    const columns = Math.max(1, Math.floor((room[1] + GAP) / (Math.max(width, TARGET) + GAP)))
    const total = Math.floor((room[0] + GAP - groups.length * TITLE) / (height + TEXT + GAP))
    const rows = groups.map((_, index) => Math.max(1, Math.floor((total + groups.length - 1 - index) / groups.length)))
    return {rows, columns: Math.min(columns, Math.ceil(count / Math.min(...rows, Math.ceil(count / columns))))}
  }

  function picture(one, index) {
    const {tile, frame: [height, width]} = size(), ratio = window.devicePixelRatio || 1
    const canvas = h("canvas", {width: Math.round(width * ratio), height: Math.round(height * ratio), style: `width:${width}px; height:${height}px`})
    const context = canvas.getContext("2d")
    context.scale(ratio, ratio)
    context.imageSmoothingEnabled = tile[0] < model.card.shape[0]
    framed(context, sheet, index, 0, 0, tile, one.color)
    if (one.predicted) corner(context, width, 0, one.predicted)
    return canvas
  }

  function tileOf(one, index) {
    return h("button", {type: "button", class: "tile", "data-sample": one.sample, title: one.hint, "aria-label": one.hint.split("\n")[0],
      click: () => say(model, "study", one.sample),
      pointerenter: () => say(model, "hover", one.sample),
      pointerleave: () => say(model, "hover"),
    }, picture(one, index), h("span", {class: "name"}, one.name), h("span", {class: "distance quiet"}, one.distance))
  }

  function groupOf({title, tiles, empty}, from, rows, columns) {
    const shown = Math.min(tiles.length, rows * columns)
    const count = shown < tiles.length ? `the first ${shown} of ${tiles.length}` : ""
    return h("section", {"aria-label": title}, h("h4", {}, title, h("span", {class: "quiet"}, count)),
      tiles.length ? h("div", {class: "tiles", style: `--columns:${columns}`}, tiles.slice(0, shown).map((one, index) => tileOf(one, from + index)))
        : h("p", {class: "quiet"}, empty))
  }

  function draw() {
    const {sample, sentence, unusual, scale, groups} = model.card
    if (sample == null) { root.replaceChildren(); return }
    sheet ??= sheetOf(model.tiles, model.card.shape, groups.reduce((sum, {tiles}) => sum + tiles.length, 0))
    const focused = root.getRootNode().activeElement?.dataset?.sample
    const {rows, columns} = fitting(groups)
    let from = 0
    fill(root,
      h("div", {class: "said"}, h("h3", {class: "sentence"}, sentence), h("p", {class: "quiet", role: "status"}, unusual)),
      h("div", {class: "groups"}, groups.map((group, index) => {
        const section = groupOf(group, from, rows[index], columns)
        from += group.tiles.length
        return section
      })),
      h("p", {class: "quiet how"}, h("span", {}, model.card.colors),
        scale.length ? h("span", {class: "scale", title: scale[1]}, scale[0]) : null))
    mark()
    if (focused) root.querySelector(`[data-sample="${focused}"]`)?.focus()
    measure()
  }

  /** Draws again where the room for tiles has become another one. */
  function measure() {
    const groups = root.querySelector(".groups")
    if (!groups?.clientHeight) return
    const now = [groups.clientHeight, groups.clientWidth]
    if (now.every((side, index) => Math.abs(side - room[index]) < 1)) return
    room = now
    draw()
  }

  function mark() {
    for (const tile of root.querySelectorAll(".tile")) tile.toggleAttribute("data-hovered", Number(tile.dataset.sample) === model.hovered)
  }

  const resized = new ResizeObserver(measure)
  resized.observe(root)
  model.on("remove", () => resized.disconnect())
  let pending = 0
  model.on(["card", "tiles"], () => { sheet = null; pending ||= requestAnimationFrame(() => { pending = 0; draw() }) })
  model.on("hovered", mark)
  draw()
  return root
}
