export function render({model}) {
  const head = h("div"), maps = h("div", {class: "maps", pointerleave: () => tell(null)}), told = h("p", {class: "told quiet"}), strongest = h("div", {class: "strongest"}), empty = h("div", {class: "empty"})
  const work = workLine(() => say(model, "cancel"))
  const root = h("div", {class: "card"}, head, work.element, maps, told, strongest, empty)
  const mark = h("i", {class: "mark", hidden: true})   // the patch under the pointer, on the image

  const signed = (value) => Math.abs(value) < .005 ? ".00" : `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2).replace(/^0/, "")}`
  const percent = (part, whole) => `${100 * part / whole}%`
  const range = (first, size) => size > 1 ? `${first + 1}–${first + size}` : `${first + 1}`

  function drops(index) {
    const {top, left} = model.card.shown, size = top.length * left.length, bytes = model.drops
    return new Float32Array((bytes instanceof ArrayBuffer ? bytes : bytes.buffer).slice((bytes.byteOffset ?? 0) + 4 * index * size, (bytes.byteOffset ?? 0) + 4 * (index + 1) * size))
  }

  /** Each cell lies in the middle of its patch. */
  function within(canvas) {
    const {shape: [height, width], patch, top, left} = model.card.shown
    const [down, across] = [top, left].map((starts) => starts.length > 1 ? (starts.at(-1) - starts[0]) / (starts.length - 1) : patch)
    canvas.style.cssText = `top:${percent((patch - down) / 2, height)}; left:${percent((patch - across) / 2, width)}; width:${percent(across * left.length, width)}; height:${percent(down * top.length, height)}`
    return canvas
  }

  function tile(one, index, palette) {
    const {shape: [height, width], top, left, end} = model.card.shown, values = drops(index)
    const canvas = signedMap(Int8Array.from(values, (value) => Math.round(value / end * 127)), [top.length, left.length], palette, one.hint)
    const frame = h("div", {class: "frame", style: `aspect-ratio:${width} / ${height}`, pointermove: (event) => point(event, index, canvas)}, within(canvas))
    return h("figure", {class: index ? "tile" : "tile unit", "data-name": one.name, title: one.hint}, frame,
      h("figcaption", {class: one.asked ? "asked" : ""}, h("span", {class: "name"}, one.color ? h("i", {class: "swatch", style: `background:${one.color}`}) : null, one.short), h("span", {}, one.value)))
  }

  function picture() {
    const {shape} = model.card.shown, canvas = h("canvas", {class: "image", width: shape[1], height: shape[0], role: "img", "aria-label": "The image under study"})
    canvas.getContext("2d").drawImage(sheetOf(model.image, shape, 1).canvas, 0, 0)
    return h("figure", {class: "tile unit"}, h("div", {class: "frame", style: `aspect-ratio:${shape[1]} / ${shape[0]}`}, canvas, mark), h("figcaption", {}, h("span", {}, `#${model.card.sample}`)))
  }

  function point(event, index, canvas) {
    const box = canvas.getBoundingClientRect(), {top, left} = model.card.shown
    const u = Math.floor((event.clientX - box.left) / box.width * left.length), v = Math.floor((event.clientY - box.top) / box.height * top.length)
    tell(u >= 0 && v >= 0 && u < left.length && v < top.length ? {index, v, u} : null)
  }

  /** What covering one patch changes: of the map under the pointer, and of the unit beside it. */
  function tell(at) {
    const {shape, patch, top, left, tiles, end, more} = model.card.shown
    mark.hidden = !at
    if (!tiles.length) return
    if (!at) {
      const classes = more ? ` · ${tiles.length - 1} of ${more + tiles.length - 1} classes` : "", shown = "Covered one at a time; of many classes those are shown whose logits change most"
      return fill(told, h("span", {title: shown}, `${top.length * left.length} blurred patches, ${patch}x${patch} px${classes}`),
        h("span", {class: "scale", title: `In standard deviations over the test images: one scale for all maps, whose colors end at ±${end.toPrecision(2)} sd`}, "rises", scaleStrip(diverging()), `falls, to ${end.toPrecision(2)} sd`))
    }
    mark.style.cssText = `top:${percent(top[at.v], shape[0])}; left:${percent(left[at.u], shape[1])}; width:${percent(patch, shape[1])}; height:${percent(patch, shape[0])}`
    const numbers = [...new Set([0, at.index])].map((index) => {
      const change = -drops(index)[at.v * left.length + at.u], {name, nats} = tiles[index]
      return `${name} ${signed(change)} sd${nats ? ` (${signed(change * nats)} nats)` : ""}`
    })
    fill(told, h("span", {}, `Rows ${range(top[at.v], patch)}, columns ${range(left[at.u], patch)} covered: ${numbers.join(", ")}`))
  }

  function take() {
    const {shown, sentence, waiting, action, fault, sample} = model.card, any = (shown?.tiles.length ?? 0) > 0
    const held = root.getRootNode().activeElement?.dataset?.unit
    fill(head, sentence ? h("h3", {title: sentence}, sentence) : null)
    for (const part of [maps, told, strongest]) part.hidden = !any
    empty.hidden = any
    fill(empty, fault ? h("p", {class: "warning"}, fault) : null, h("p", {}, waiting ?? ""), action ? h("button", {type: "button", class: "action", click: () => say(model, "cover", sample)}, action) : null)
    if (!any) { fill(maps); return }
    const palette = diverging()
    fill(maps, picture(), tile(shown.tiles[0], 0, palette), h("div", {class: "classes", role: "group", "aria-label": "Logits of classes"}, shown.tiles.slice(1).map((one, index) => tile(one, index + 1, palette))))
    fill(strongest, h("span", {class: "quiet", title: "The units of all layers whose mean response one patch changes most, in their standard deviations over the test images"}, "change most"),
      shown.strongest.map(({layer, unit, value, own, hint}) => h("button", {type: "button", class: "chip", "data-unit": `${layer} ${unit}`, "aria-pressed": String(own), title: hint, "aria-label": hint, click: () => say(model, "unit", {sample, layer, unit})}, h("span", {class: "quiet"}, layer), h("b", {}, ` ${unit} `), value)))
    if (held) strongest.querySelector(`[data-unit="${held}"]`)?.focus()
    tell(null)
  }

  followTheme(model, take)
  let taking = 0
  model.on(["card", "drops", "image"], () => { taking ||= requestAnimationFrame(() => { taking = 0; take() }) })
  model.on("work", () => work.show(model.work))
  work.show(model.work)
  take()
  return root
}
