const LARGEST = 52, SMALLEST = 24   // CSS pixels of a tile
const GAP = 6, TEXT = 30, TITLE = 20   // CSS pixels between tiles, of the lines under one, of a side's title

export function render({model}) {
  const root = h("div", {class: "card"})
  let sheet = null, room = [0, 0]   // height and width of both sides

  /** As large as both sides fit one below the other, each on one line where there is room. */
  function fitting(sides) {
    const count = Math.max(1, ...sides.map(({tiles}) => tiles.length))
    const high = (room[0] - GAP) / Math.max(1, sides.length) - TITLE - TEXT - 2 * BORDER
    const wide = room[1] / count - GAP - 2 * BORDER
    const target = Math.max(SMALLEST, Math.min(LARGEST, high, Math.max(wide, LARGEST - 12)))
    const tile = tileSize(model.card.shape, target), shrunk = Math.min(1, target / Math.max(...tile))  // it is drawn in whole pixels
    const pitch = Math.max(shrunk * (tile[1] + 2 * BORDER), 40) + GAP
    return {tile, shrunk, columns: Math.max(1, Math.min(count, Math.floor((room[1] + GAP) / pitch)))}
  }

  function picture(one, index, {tile, shrunk}) {
    const [height, width] = tile.map((side) => side + 2 * BORDER), ratio = window.devicePixelRatio || 1
    const canvas = h("canvas", {width: Math.round(width * ratio), height: Math.round(height * ratio), style: `width:${shrunk * width}px; height:${shrunk * height}px`})
    const context = canvas.getContext("2d")
    context.scale(ratio, ratio)
    context.imageSmoothingEnabled = tile[0] < model.card.shape[0]
    framed(context, sheet, index, 0, 0, tile, one.color)
    if (one.predicted) corner(context, width, 0, one.predicted)
    return canvas
  }

  function tileOf(one, index, fit) {
    const hover = (sample) => () => say(model, "hover", sample)
    return h("div", {class: "tile", "data-sample": one.sample},
      h("button", {type: "button", class: "picture", title: one.hint, "aria-label": `${one.hint.split("\n")[0]} · ${one.value} ${model.card.unit}`.trim(),
        click: () => say(model, "study", one.sample),
        pointerenter: hover(one.sample), pointerleave: hover(null)}, picture(one, index, fit)),
      flagOf(one.sample),
      h("span", {class: "name", title: one.hint}, one.name), h("span", {class: "value quiet"}, one.value))
  }

  function flagOf(sample) {
    const button = iconButton(`Mark #${sample} as mislabelled`, "M4 14.5V2 M4 2.8h8.5l-2.2 3 2.2 3H4",
      {class: "flag", click: () => say(model, "mark", sample)})
    return button
  }

  const how = () => ["frame: true class · corner: what the teacher says, if another", model.card.unit && `values in ${model.card.unit}`]
    .filter(Boolean).map((text) => h("span", {class: "quiet how"}, text))

  function sideOf({title, tiles, empty}, from, fit, first) {
    const {columns} = fit, shown = tiles.slice(0, columns), left = tiles.length - shown.length
    return h("section", {"aria-label": title}, h("h4", {}, title, left > 0 ? h("span", {class: "quiet"}, `the first ${shown.length} of ${tiles.length}`) : null, first ? how() : null),
      tiles.length ? h("div", {class: "tiles", style: `--columns:${columns}`}, shown.map((one, index) => tileOf(one, from + index, fit)))
        : h("p", {class: "quiet"}, empty))
  }

  function choices(label, options, chosen, action) {
    const group = segmented(label, options.map(([name, text, hint]) => [name, text, hint]), chosen, (name) => say(model, action, name))
    for (const [index, option] of options.entries()) group.children[index].disabled = Boolean(option[3])
    return group
  }

  function draw() {
    const {sentence, notes, measures, measure, whose, choices: of, waiting, unit, sides} = model.card
    if (!measures) { root.replaceChildren(); return }
    sheet ??= sheetOf(model.tiles, model.card.shape, sides.reduce((sum, {tiles}) => sum + tiles.length, 0))
    const active = root.getRootNode().activeElement, focused = active?.closest?.("[data-sample]")?.dataset.sample
    const pressed = active?.closest?.(".segmented")?.getAttribute("aria-label")
    const fit = fitting(sides)
    let from = 0
    fill(root,
      h("div", {class: "head"}, h("h3", {class: "sentence", title: sentence}, sentence),
        choices("Of which images", of.map(([name, text, why]) => [name, text, why, why]), whose, "whose"),
        choices("By what", measures.map(([name, text, hint, why]) => [name, text, why || hint, why]), measure, "measure")),
      h("p", {class: "quiet notes", role: "status"}, notes.map((note) => h("span", {title: note}, note))),
      waiting ? h("div", {class: "empty"}, h("p", {}, waiting)) : h("div", {class: "sides"}, sides.map((side, index) => {
        const section = sideOf(side, from, fit, index === 0)
        from += side.tiles.length
        return section
      })))
    mark()
    if (focused) root.querySelector(`[data-sample="${focused}"] .picture`)?.focus()
    else if (pressed) root.querySelector(`.segmented[aria-label="${pressed}"] [aria-pressed=true]`)?.focus()
    measureRoom()
  }

  /** Draws again where the room for tiles has become another one. */
  function measureRoom() {
    const sides = root.querySelector(".sides")
    if (!sides?.clientHeight) return
    const now = [sides.clientHeight, sides.clientWidth]
    if (now.every((side, index) => Math.abs(side - room[index]) < 1)) return
    room = now
    draw()
  }

  function mark() {
    for (const tile of root.querySelectorAll(".tile")) {
      const sample = Number(tile.dataset.sample), marked = model.marked.includes(sample), flag = tile.querySelector(".flag")
      tile.toggleAttribute("data-hovered", sample === model.hovered)
      flag.setAttribute("aria-pressed", String(marked))
      flag.title = marked ? `#${sample} is marked as mislabelled: unmark it` : `Mark #${sample} as mislabelled`
    }
  }

  const resized = new ResizeObserver(measureRoom)
  resized.observe(root)
  model.on("remove", () => resized.disconnect())
  let pending = 0
  model.on(["card", "tiles"], () => { sheet = null; pending ||= requestAnimationFrame(() => { pending = 0; draw() }) })
  model.on(["hovered", "marked"], mark)
  draw()
  return root
}
