const LEAST = 138, MOST = 198, REST = 88   // px: a side of all patches together, and what is above and below them
const GAP = 3               // px between two patches
const STILL = 3             // px: what a hand moves during a click

export function render({model}) {
  const facts = h("p", {class: "facts quiet"}), patches = h("div", {class: "patches", role: "group", "aria-label": "Where it answers most strongly"})
  const effects = h("div", {class: "effects"}), sources = h("p", {class: "sources quiet"})
  const canvas = h("canvas", {"aria-hidden": "true"}), band = h("i", {class: "band", hidden: true})
  const strip = h("div", {class: "strip", pointerdown: begin, pointermove: move, pointerup: end, pointercancel: () => { drag = null; paint() }, pointerleave: () => { tell(null) }}, canvas, band)
  const told = h("div", {class: "told quiet"}), root = h("div", {class: "card"}, facts, patches, effects, h("div", {class: "responses"}, told, strip), sources)
  let drag = null, whole = LEAST   // whole: px, a side of all patches together

  const signed = (value, digits = 2) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`
  const count = (number) => number.toLocaleString("en")
  const short = (value) => { const text = Number(value.toPrecision(3)).toString(); return text.replace("-", "−") }
  const keys = (event) => ({number: model.shown.number, shift: event.shiftKey, ctrl: event.ctrlKey || event.metaKey})

  function patch({sample, box: [top, left, height, width], hint}, index, sheet, side) {
    const ratio = window.devicePixelRatio || 1, picture = h("canvas", {width: side * ratio, height: side * ratio})
    const context = picture.getContext("2d"), scale = side * ratio / Math.max(height, width)
    const dx = (side * ratio - width * scale) / 2, dy = (side * ratio - height * scale) / 2
    const y0 = Math.max(0, top), x0 = Math.max(0, left), y1 = Math.min(sheet.height, top + height), x1 = Math.min(sheet.width, left + width)
    const across = index % sheet.columns, down = Math.floor(index / sheet.columns)
    context.imageSmoothingEnabled = false
    context.fillStyle = color("sunken"); context.fillRect(0, 0, side * ratio, side * ratio)  // what it sees beyond the image
    context.drawImage(sheet.canvas, across * sheet.width + x0, down * sheet.height + y0, x1 - x0, y1 - y0, dx + (x0 - left) * scale, dy + (y0 - top) * scale, (x1 - x0) * scale, (y1 - y0) * scale)
    return h("button", {type: "button", class: "patch", "data-sample": sample, title: hint, "aria-label": hint, style: `width:${side}px; height:${side}px`,
      click: () => say(model, "study", sample), pointerenter: () => say(model, "hover", sample), pointerleave: () => say(model, "hover")}, picture)
  }

  function bar({name, short: label, color: shade, change, error, hint}, reach) {
    const wide = 48 * Math.abs(change) / reach, off = 48 * (error ?? 0) / reach, at = 50 + 48 * change / reach
    return h("tr", {title: hint}, h("th", {scope: "row", title: name}, h("i", {class: "swatch", style: `background:${shade}`}), label),
      h("td", {}, h("span", {class: "bar-track"}, h("i", {style: `background:${shade}; width:${wide}%; ${change < 0 ? "right" : "left"}:50%`}), off ? h("b", {style: `left:${at - off}%; width:${2 * off}%`}) : null)),
      h("td", {class: "number"}, signed(change)))
  }

  function take() {
    const shown = model.shown
    if (!shown.layer) return
    const {picture, patches: parts, none, reach, whose, lacking, before, sources: inputs, word, closed} = shown, group = word === "group", held = root.getRootNode().activeElement?.dataset ?? {}
    const side = Math.floor((whole - 2 * GAP) / 3), sheet = sheetOf(model.images, picture, parts.length)
    root.dataset.unit = `${shown.layer} ${shown.unit}`
    fill(facts, shown.facts.map(([text, hint]) => h("span", {title: hint}, text)))
    fill(patches, none ? h("p", {class: "quiet"}, none) : parts.map((part, index) => patch(part, index, sheet, side)))
    fill(effects, lacking ? h("p", {class: "quiet"}, lacking) : [
      h("p", {class: "quiet head", title: group ? `What becomes of each logit while the group's part is taken from the layer, in nats ± SE: a mean over the selection, or where more than a mean and a linear layer follow, over test images of its classes; without a selection those of the class it answers most` : `What becomes of each logit while the unit is held at its usual response, in nats ± SE: a mean over test images of these classes: those of the selection, in its shares, else the one it answers most`}, group ? "without it, logits on " : "silenced, logits on ", h("span", {class: "ink"}, whose)),
      h("table", {"aria-label": `Change of each logit ${group ? "without it" : "while it is silenced"}, on ${whose}`}, h("tbody", {}, shown.effects.map((one) => bar(one, reach))))])
    fill(sources, group ? [h("span", {title: "Share of each unit in the group's answer; a click shows the unit"}, `units of ${before}`),
      inputs.map(({unit, moved}) => h("button", {type: "button", class: "chip", disabled: closed.includes(unit), "data-source": unit, "aria-label": `Unit ${unit} of ${before}, ${(100 * moved).toFixed(0)} %`, title: closed.includes(unit) ? "Not among the units that are kept (units.units)" : "", click: () => say(model, "source", {number: shown.number, unit})}, h("b", {}, unit), ` ${(100 * moved).toFixed(0)} %`))]
      : before ? [h("span", {title: "Each number is how far this unit moves, in its own standard deviations, while that one is held at its usual response: the root mean square over test images; + where more of it raises this unit"}, `driven by ${before}`),
      inputs.map(({unit, moved}) => h("button", {type: "button", class: "chip", "data-source": unit, "aria-label": `Unit ${unit} of ${before}, ${signed(moved)} sd`, click: () => say(model, "source", {number: shown.number, unit})}, h("b", {}, unit), ` ${signed(moved)}`))]
      : h("span", {}, shown.effects.length ? "The first layer with units: pixels drive it." : ""))
    paint()
    mark()
    if (held.sample) patches.querySelector(`[data-sample="${held.sample}"]`)?.focus()
    if (held.source) sources.querySelector(`[data-source="${held.source}"]`)?.focus()
  }

  function paint() {
    const {edges, every, chosen, bands} = model.shown, width = strip.clientWidth, height = strip.clientHeight, ratio = window.devicePixelRatio || 1
    if (!edges || !width || !height) return
    canvas.width = width * ratio; canvas.height = height * ratio
    const context = canvas.getContext("2d"), sum = (values) => Math.max(1, values.reduce((total, value) => total + value, 0))
    const shares = [every, chosen].map((values) => values.map((value) => value / sum(values))), most = Math.max(1e-9, ...shares.flat())
    context.scale(ratio, ratio)
    const wide = width / every.length, tall = (share) => Math.sqrt(share / most) * (height - 2)
    context.fillStyle = color("quiet"); context.globalAlpha = chosen.length ? .38 : .7
    shares[0].forEach((share, bin) => context.fillRect(bin * wide, height - tall(share), Math.max(1, wide - 1), tall(share)))
    context.globalAlpha = 1
    context.fillStyle = color("accent")
    shares[1].forEach((share, bin) => { if (share) context.fillRect(bin * wide, height - tall(share), Math.max(1, wide - 1), 2) })
    context.globalAlpha = .45
    shares[1].forEach((share, bin) => context.fillRect(bin * wide, height - tall(share), Math.max(1, wide - 1), tall(share)))
    const [low, high] = drag ? [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)] : bands.length ? bands[0].map(where) : [0, 0]
    band.hidden = high <= low
    band.style.cssText = `left:${low}px; width:${high - low}px`
    tell(null)
  }

  const where = (value) => { const {edges} = model.shown; return (value - edges[0]) / (edges.at(-1) - edges[0]) * strip.clientWidth }
  const value = (x) => { const {edges} = model.shown; return edges[0] + x / strip.clientWidth * (edges.at(-1) - edges[0]) }
  const rounded = (x) => Number(value(x).toPrecision(5))
  const local = (event) => Math.max(0, Math.min(strip.clientWidth, event.clientX - strip.getBoundingClientRect().left))

  /** The line above the responses; of a bin where the pointer is on one. */
  function tell(bin) {
    const {edges, every, chosen} = model.shown
    if (!edges) return
    if (bin !== null) return fill(told, h("span", {}, `${short(edges[bin])} to ${short(edges[bin + 1])}: ${count(every[bin])} images${chosen.length ? `, ${count(chosen[bin])} selected` : ""}`))
    const tenth = (least, text) => h("button", {type: "button", class: "plain-text", click: (event) => say(model, "extreme", {...keys(event), least})}, text)
    fill(told, h("span", {title: "Its mean response over the places of an image; the height is the square root of the share of images, of all and of the selection each on its own"}, `responses ${short(edges[0])} to ${short(edges.at(-1))}`, chosen.length ? [", all and ", h("span", {class: "lit"}, "selected")] : ""),
      h("span", {class: "tenths"}, "select the ", tenth(true, "weakest"), " · ", tenth(false, "strongest"), " tenth"))
  }

  function begin(event) {
    if (event.button !== 0 || !model.shown.edges) return
    const x = local(event)
    drag = {from: x, to: x}
    strip.setPointerCapture(event.pointerId)
    event.preventDefault()
  }

  function move(event) {
    if (drag) { drag.to = local(event); paint() }
    else if (model.shown.edges) tell(Math.min(model.shown.every.length - 1, Math.floor(local(event) / strip.clientWidth * model.shown.every.length)))
  }

  function end(event) {
    const done = drag
    drag = null
    if (done && Math.abs(done.to - done.from) > STILL) say(model, "brush", {...keys(event), low: rounded(Math.min(done.from, done.to)), high: rounded(Math.max(done.from, done.to))})
    else paint()
  }

  function mark() {
    for (const each of patches.querySelectorAll(".patch")) each.classList.toggle("hovered", Number(each.dataset.sample) === model.hovered)
  }

  function fit() {
    const room = Math.round(Math.max(LEAST, Math.min(MOST, root.clientHeight - REST)))
    if (!root.clientHeight || room === whole) return paint()
    whole = room
    root.style.setProperty("--patches", `${whole}px`)
    take()
  }

  const sized = new ResizeObserver(fit)
  sized.observe(root); sized.observe(strip)
  followTheme(model, take)
  let taking = 0
  model.on(["shown", "images"], () => { taking ||= requestAnimationFrame(() => { taking = 0; take() }) })
  model.on("hovered", mark)
  model.on("remove", () => sized.disconnect())
  take()
  return root
}
