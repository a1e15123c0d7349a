const GAP = 1   // device pixels between the pictures of a tile

export function render({model}) {
  const head = h("h3"), tiles = h("div", {class: "tiles", role: "list", "aria-label": "What the unit answers most"})
  const sliders = h("div", {class: "sliders", role: "group", "aria-label": "Switches of the picture that is held back"}), foot = h("p", {class: "foot quiet"})
  const work = workLine(() => say(model, "cancel"))
  const root = h("div", {class: "card"}, head, tiles, work.element, sliders, foot)

  function picture({title, count}, sheet, from) {
    const across = Math.ceil(Math.sqrt(count)), down = Math.ceil(count / across), gap = count > 1 ? GAP : 0
    const canvas = h("canvas", {width: across * (sheet.width + gap) - gap, height: down * (sheet.height + gap) - gap, role: "img", "aria-label": title})
    const context = canvas.getContext("2d")
    for (let at = 0; at < count; at++) {
      const number = from + at
      context.drawImage(sheet.canvas, (number % sheet.columns) * sheet.width, Math.floor(number / sheet.columns) * sheet.height, sheet.width, sheet.height,
        (at % across) * (sheet.width + gap), Math.floor(at / across) * (sheet.height + gap), sheet.width, sheet.height)
    }
    return canvas
  }

  function tile(each, sheet, from) {
    const {name, title, hint, count, ratio, beyond, stale, waiting, action, fault} = each
    return h("figure", {class: "tile", role: "listitem", title: hint, "data-tile": name},
      h("div", {class: stale ? "frame stale" : "frame"}, count ? picture(each, sheet, from) : h("div", {class: "nothing quiet"}, fault ? h("p", {class: "warning"}, fault) : null, h("p", {}, waiting),
        action ? h("button", {type: "button", class: "action", click: () => say(model, "make", model.card.about)}, action) : null)),
      h("figcaption", {}, h("span", {}, title), h("b", {class: beyond ? "beyond" : ""}, ratio)))
  }

  function slider({name, title, hint, value, text, most, step}, refused) {
    const told = h("b", {}, text)
    return h("label", {class: "slider", title: refused || hint}, h("span", {class: "quiet"}, title, told),
      h("input", {type: "range", min: 0, max: most, step, value, disabled: Boolean(refused), "data-switch": name, "aria-label": `${title}. ${hint}`, "aria-valuetext": text,
        change: (event) => say(model, "switch", {name, value: Number(event.target.value)}),
        input: (event) => { told.textContent = Number(event.target.value) ? Number(Number(event.target.value).toPrecision(2)).toString() : "off" }}))
  }

  function take() {
    const {about, sentence, shape, tiles: parts, sliders: switches, refused, warning} = model.card
    if (!parts) return
    root.dataset.about = about.join(" ")
    head.textContent = sentence
    const sheet = sheetOf(model.pictures, shape, parts.reduce((sum, {count}) => sum + count, 0))
    let from = 0
    fill(tiles, parts.map((each) => { const made = tile(each, sheet, from); from += each.count; return made }))
    foot.textContent = warning
    const now = JSON.stringify([switches, refused])
    if (now === drawn) return   // a hand may be on one
    drawn = now
    const held = root.getRootNode().activeElement?.dataset?.switch
    fill(sliders, switches.map((each) => slider(each, refused)))
    if (held) sliders.querySelector(`[data-switch="${held}"]`)?.focus()
  }

  let taking = 0, drawn = ""
  model.on(["card", "pictures"], () => { taking ||= requestAnimationFrame(() => { taking = 0; take() }) })
  model.on("work", () => work.show(model.work))
  work.show(model.work)
  take()
  return root
}
