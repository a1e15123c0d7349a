const GAP = 3, LARGEST = 60, SMALLEST = 22, NAME = 92   // CSS pixels: between maps, the side of one, beside an image
const PIN = "M8 10v4.5M4.5 10h7M5.5 10V5L4.5 2.5h7L10.5 5v5"

export function render({model}) {
  const head = h("div", {class: "head"}), maps = h("div", {class: "maps"}), told = h("p", {class: "told quiet"}), empty = h("div", {class: "empty"})
  const work = workLine(() => say(model, "cancel"))
  const root = h("div", {class: "card"}, head, work.element, maps, empty, told)
  let side = 0, seen = null   // the unit that was shown before

  const decimals = (value) => Number(value.toPrecision(3)).toString().replace("-", "−")

  /** The values (place) of a unit for an image; NaN where they are not here. */
  function values(channel, image) {
    const {grid, images} = model.card.shown, size = grid[0] * grid[1], bytes = model.maps, at = 4 * size * (channel * images.length + image)
    const begin = (bytes.byteOffset ?? 0) + at
    return new Float32Array((bytes instanceof ArrayBuffer ? bytes : bytes.buffer).slice(begin, begin + 4 * size))
  }

  /** Side of a map: as large as the card lets all images have. */
  function sized() {
    const {images} = model.card.shown, room = maps.clientHeight - 34 - images.length * GAP
    return Math.max(SMALLEST, Math.min(LARGEST, Math.floor(room / images.length)))
  }

  function within([height, width]) {
    const scale = side / Math.max(height, width)
    return `width:${Math.round(scale * width)}px; height:${Math.round(scale * height)}px`
  }

  function picture({sample, name, color: shade, predicted, held, studied, hint}, index, sheet) {
    const {picture: shape} = model.card.shown, ratio = window.devicePixelRatio || 1, canvas = h("canvas", {width: side * ratio, height: side * ratio, style: `width:${side}px; height:${side}px`, "aria-hidden": "true"})
    const context = canvas.getContext("2d"), scale = side * ratio / Math.max(shape[0], shape[1])
    context.imageSmoothingEnabled = false
    context.drawImage(sheet.canvas, index % sheet.columns * sheet.width, Math.floor(index / sheet.columns) * sheet.height, sheet.width, sheet.height, 0, 0, sheet.width * scale, sheet.height * scale)
    return h("div", {class: "row-head", style: `height:${side}px; width:${side + NAME}px`},
      h("button", {type: "button", class: "study", "data-sample": sample, "aria-pressed": String(studied), title: studied ? `${hint}: under study` : `${hint}: study it`, "aria-label": hint, click: () => say(model, "study", sample)}, canvas),
      h("div", {class: "about"}, h("span", {class: "name", title: hint}, h("i", {class: "swatch", style: `background:${shade}`}), name), predicted ? h("span", {class: "name quiet", title: hint}, `→ ${predicted}`) : null,
        iconButton(held ? `Let #${sample} go` : `Keep #${sample}, to compare it with those that are studied next`, PIN, {class: `plain keep${held ? " held" : ""}`, "aria-pressed": String(held), "data-keep": sample, click: () => say(model, "keep", sample)})))
  }

  function channel({unit, text, hint, own, end}, number, palette) {
    const {grid, images, scale, end: all} = model.card.shown, reach = scale === "all" ? all : end
    const canvases = images.map(({known, hint: whose}, image) => {
      if (!known) return h("span", {class: "unknown", style: within(grid), title: "Its maps are not here"})
      const levels = Int8Array.from(values(number, image), (value) => Math.round(value / reach * 127))
      const canvas = signedMap(levels, grid, palette, `Unit ${unit} for ${whose}`)
      canvas.style.cssText = within(grid)
      canvas.dataset.image = image
      return canvas
    })
    return h("button", {type: "button", class: "channel", "data-unit": unit, "data-end": reach, "aria-pressed": String(own), "aria-label": hint, tabindex: -1, click: () => say(model, "unit", {number: model.card.shown.number, unit}),
      pointermove: (event) => point(event, number), pointerleave: () => tell(null)},
      h("span", {class: "unit"}, h("b", {}, unit), h("span", {class: "quiet"}, text)), canvases.map((canvas) => h("span", {class: "cell", style: `height:${side}px`}, canvas)))
  }

  function point(event, number) {
    const canvas = event.target.closest("canvas"), {grid} = model.card.shown
    if (!canvas) return tell({number})
    const box = canvas.getBoundingClientRect(), at = [event.clientY - box.top, event.clientX - box.left].map((value, axis) => Math.min(grid[axis] - 1, Math.max(0, Math.floor(value / [box.height, box.width][axis] * grid[axis]))))
    tell({number, image: Number(canvas.dataset.image), at})
  }

  /** What is under the pointer: a place and its value, or a unit. */
  function tell(on) {
    const {grid, images = [], channels = [], more, scale, end} = model.card.shown ?? {}
    if (!channels.length) return fill(told)
    if (on?.at) {
      const [row, column] = on.at, value = values(on.number, on.image)[row * grid[1] + column]
      return fill(told, h("span", {}, `Unit ${channels[on.number].unit}, ${images[on.image].hint}: ${decimals(value)} at row ${row + 1}, column ${column + 1} of ${grid.join("x")}`))
    }
    if (on) return fill(told, h("span", {}, channels[on.number].hint))
    fill(told, h("span", {title: "How many times as far as any images of the run these differ: 1x is chance"}, more ? `${channels.length} of ${channels.length + more} units` : `${channels.length} units`, ` · ${grid.join("x")} places`),
      h("span", {class: "scale", title: scale === "all" ? "Mean response of a place: one scale for all units" : "Mean response of a place: each unit's colors end at its own largest"}, scale === "all" ? `±${decimals(end)}` : "± its largest", scaleStrip(diverging())))
  }

  function header() {
    const {shown = {}, sentence} = model.card
    fill(head, sentence ? h("h3", {title: sentence}, sentence) : null,
      shown.scales ? h("select", {"aria-label": "Scale of the colors", change: (event) => say(model, "scale", event.target.value)}, shown.scales.map(([value, text]) => h("option", {value, selected: value === shown.scale}, text))) : null)
  }

  function take() {
    const {shown = {}, waiting, layers = [], action, fault} = model.card, any = (shown.images?.length ?? 0) > 0
    const active = root.getRootNode().activeElement, held = {...active?.dataset}, selecting = active?.tagName === "SELECT", before = maps.querySelector(".list")?.scrollLeft ?? 0
    header()
    if (selecting) head.querySelector("select")?.focus()
    maps.hidden = told.hidden = !any
    empty.hidden = !waiting && !fault
    empty.classList.toggle("line", any)
    fill(empty, fault ? h("p", {class: "warning"}, fault) : null, waiting ? h("p", {}, waiting) : null,
      layers.length ? h("p", {class: "layers"}, layers.map((name) => h("button", {type: "button", class: "chip", click: () => say(model, "layer", name)}, name))) : null,
      action ? h("button", {type: "button", class: "action", click: () => say(model, "ask")}, action) : null)
    if (!any) { fill(maps); return }
    side = sized()
    const palette = diverging(), sheet = sheetOf(model.images, shown.picture, shown.images.length)
    const list = h("div", {class: "list", role: "group", "aria-label": `Units of ${shown.layer}`, keydown: step}, shown.channels.map((one, number) => channel(one, number, palette)))
    fill(maps, h("div", {class: "images", role: "group", "aria-label": "Images that are compared"}, shown.images.map((one, index) => picture(one, index, sheet))), list)
    list.scrollLeft = before
    follow(list, shown)
    rove(Math.max(0, shown.channels.findIndex(({unit, own}) => held.unit ? String(unit) === held.unit : own)), Boolean(held.unit))
    for (const name of ["sample", "keep"]) if (held[name]) maps.querySelector(`[data-${name}="${held[name]}"]`)?.focus()
    tell(null)
  }

  /** Another unit that was chosen elsewhere comes into view; at first those that differ most are. */
  function follow(list, {layer, channels}) {
    const own = channels.findIndex((one) => one.own), name = own < 0 ? null : `${layer} ${channels[own].unit}`
    if (seen !== null && name !== null && name !== seen) {
      const {offsetLeft, offsetWidth} = list.children[own], at = offsetLeft - list.offsetLeft
      list.scrollLeft = Math.min(at, Math.max(list.scrollLeft, at + offsetWidth - list.clientWidth))
    }
    seen = name
  }

  /** One unit is in the order of tabs, and arrow keys lead from it to the others. */
  function rove(index, focus) {
    const units = [...maps.querySelectorAll(".channel")]
    units.forEach((unit, at) => { unit.tabIndex = at === index ? 0 : -1 })
    if (focus) units[index]?.focus()
  }

  function step(event) {
    const units = [...maps.querySelectorAll(".channel")], at = units.indexOf(event.target)
    const to = {ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: units.length - 1}[event.key]
    if (at < 0 || to === undefined) return
    event.preventDefault(); event.stopPropagation()
    rove(Math.max(0, Math.min(units.length - 1, to)), true)
  }

  let taking = 0
  const later = () => { taking ||= requestAnimationFrame(() => { taking = 0; take() }) }
  const resized = new ResizeObserver(() => { if (model.card.shown?.images && sized() !== side) later() })
  resized.observe(maps)
  followTheme(model, take)
  model.on(["card", "maps", "images"], later)
  model.on("work", () => work.show(model.work))
  model.on("remove", () => resized.disconnect())
  work.show(model.work)
  take()
  return root
}
