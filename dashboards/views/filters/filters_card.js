const MAP = 56, LARGE = 104   // CSS pixels of the longer side of a map, and of that of the chosen filter

export function render({model}) {
  const said = h("div", {class: "said"}), tools = h("div", {class: "tools"}), list = h("div", {class: "list", role: "group", "aria-label": "Filters of the layer", keydown: step})
  const detail = h("div", {class: "full", role: "group", "aria-label": "The chosen filter"}), empty = h("div", {class: "empty"}), how = h("p", {class: "quiet how"})
  const work = workLine(() => say(model, "cancel"))
  const root = h("div", {class: "card"}, said, work.element, tools, list, detail, empty, how)
  let listed = ""   // what is listed: another list begins at its top

  const shown = () => model.card.shown ?? {tiles: [], pair: [], layers: [], chosen: null}
  const chosen = () => shown().chosen?.number ?? null
  const signed = (value) => Math.abs(value) < .005 ? ".00" : `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2).replace(/^0/, "")}`
  const choose = (number) => say(model, "choose", {layer: shown().layer, number})

  /** A size with the longer side at `longest` CSS pixels. */
  function within([height, width], longest) {
    const scale = longest / Math.max(height, width)
    return `width:${scale * width}px; height:${scale * height}px`
  }

  function map(index, palette, longest, label) {
    const {shape} = shown(), size = shape[0] * shape[1], held = model.maps
    const values = new Int8Array(held instanceof ArrayBuffer ? held : held.buffer, (held.byteOffset ?? 0) + index * size, size)
    const canvas = signedMap(values, shape, palette, label)
    canvas.style.cssText = within(shape, longest)
    return canvas
  }

  /** A bar from zero in the middle. */
  function bar(value, reach, fill, title) {
    const wide = Math.min(50, 50 * Math.abs(value) / reach)
    return h("span", {class: "bar-track", title}, h("i", {style: `background:${fill}; width:${wide}%; ${value < 0 ? "right" : "left"}:50%`}))
  }

  function tile({number, margin, change, activation, hint}, index, palette) {
    const {pair, reach} = shown(), own = number === chosen()
    return h("button", {type: "button", class: "tile", "data-number": number, "aria-pressed": String(own), title: hint, "aria-label": hint, tabindex: -1, click: () => choose(own ? null : number)},
      map(index, palette, MAP, `What filter ${number} sees`),
      h("span", {class: "numbers"}, h("b", {}, `#${number}`), h("span", {class: "margin"}, signed(margin)),
        pair.map(({color: fill}, at) => bar(change[at], reach, fill)), h("span", {class: "quiet activation"}, `a ${activation}`)))
  }

  function picture() {
    const {picture: shape} = shown(), canvas = h("canvas", {class: "image", width: shape[1], height: shape[0], role: "img", "aria-label": "The image under study", style: within(shape, LARGE)})
    canvas.getContext("2d").drawImage(sheetOf(model.image, shape, 1).canvas, 0, 0)
    return canvas
  }

  function full(palette) {
    const {chosen: one, tiles} = shown()
    detail.hidden = !one
    if (!one) return
    const {number, text, classes} = one, reach = Math.max(1e-9, ...classes.map(({change}) => Math.abs(change)))
    fill(detail, picture(), map(tiles.length, palette, LARGE, `What filter ${number} sees of it`),
      h("div", {class: "facts"}, h("div", {class: "line"}, h("h4", {}, `Filter ${number}`), h("button", {type: "button", class: "plain-text", click: close}, "Close", h("kbd", {"aria-hidden": "true"}, "Esc"))),
        h("p", {class: "text"}, text),
        h("table", {"aria-label": "Change of each class's logit"}, h("tbody", {tabindex: 0, "aria-label": "Classes"}, classes.map(({name, short, color: fill, change, asked}) =>
          h("tr", {class: asked ? "asked" : ""}, h("th", {scope: "row", title: name}, h("i", {class: "swatch", style: `background:${fill}`}), short),
            h("td", {}, bar(change, reach, fill)), h("td", {class: "number"}, signed(change))))))))
  }

  function controls(palette) {
    const {layer, layers, end} = shown(), {order, orders = []} = model.card
    const select = (label, name, options, value) => h("select", {"aria-label": label, "data-control": name, title: options.find(([each]) => each === value)?.[1], change: (event) => say(model, name, event.target.value)},
      options.map(([each, text]) => h("option", {value: each, selected: each === value}, text)))
    const focused = root.getRootNode().activeElement?.dataset?.control
    fill(tools, select("Layer", "layer", layers, layer), select("Order of the filters", "order", orders, order),
      h("div", {class: "scale quiet", title: `What a patch in the mean color takes from the mean activation of a filter: one scale for all, whose colors end at ±${end?.toPrecision(2)}. Zero is the background.`},
        h("span", {}, "covered: rises"), scaleStrip(palette), h("span", {}, "falls")))
    if (focused) tools.querySelector(`[data-control="${focused}"]`)?.focus()
  }

  function head() {
    const {sentence, notes = [], fault} = model.card
    fill(said, sentence ? h("h3", {class: "sentence"}, sentence) : null,
      notes.length ? h("p", {class: "quiet notes", role: "status"}, notes[0], h("span", {class: "more"}, ` ${notes.slice(1).join(" ")}`)) : null,
      fault ? h("p", {class: "warning"}, fault) : null)
  }

  function take() {
    const {waiting, action, sample, order} = model.card, {tiles, left, more, layer, pair} = shown(), any = tiles.length > 0
    const inside = root.getRootNode().activeElement, held = list.contains(inside) ? inside.dataset.number ?? "more" : null
    const palette = diverging(), top = list.scrollTop, name = `${sample} ${layer} ${order}`
    head()
    tools.hidden = list.hidden = how.hidden = !any
    empty.hidden = any
    fill(empty, h("p", {}, waiting ?? ""), action ? h("button", {type: "button", class: "action", click: () => say(model, "watch", sample)}, action) : null)
    full(palette)
    if (!any) { fill(list); return }
    controls(palette)
    const before = list.querySelectorAll(".tile").length
    fill(list, tiles.map((one, index) => tile(one, index, palette)),
      left ? h("button", {type: "button", class: "chip more", click: () => say(model, "more")}, `${more} more of ${left}`) : null)
    fill(how, "silenced, the logits of ", pair.map(({short, color: fill}, at) => [at ? " and " : "", h("i", {class: "swatch", style: `background:${fill}`}), short]),
      ", and their difference · a: mean activation")
    list.scrollTop = name === listed ? top : 0
    const reached = held === "more" ? before : tiles.findIndex(({number}) => String(number) === held)
    rove(Math.max(0, reached >= 0 ? reached : tiles.findIndex(({number}) => number === chosen())), held !== null && name === listed)
    listed = name
  }

  /** One tile is in the order of tabs, and arrow keys lead from it to the others. */
  function rove(index, focus) {
    const tiles = [...list.querySelectorAll(".tile")]
    tiles.forEach((tile, at) => { tile.tabIndex = at === index ? 0 : -1 })
    if (focus) tiles[index]?.focus()
  }

  function step(event) {
    const tiles = [...list.querySelectorAll(".tile")], at = tiles.indexOf(event.target)
    if (at < 0) return
    const columns = Math.max(1, tiles.filter(({offsetTop}) => offsetTop === tiles[0].offsetTop).length)
    const to = {ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + columns, ArrowUp: at - columns, Home: 0, End: tiles.length - 1}[event.key]
    if (to === undefined) return
    event.preventDefault(); event.stopPropagation()
    rove(Math.max(0, Math.min(tiles.length - 1, to)), true)
  }

  function close() {
    const number = chosen()
    choose(null)
    list.querySelector(`[data-number="${number}"]`)?.focus()
  }

  function escape(event) {
    if (event.key !== "Escape" || chosen() === null || !root.offsetParent || event.composedPath()[0].matches?.("input, textarea, select")) return
    event.preventDefault(); event.stopImmediatePropagation()
    close()
  }

  window.addEventListener("keydown", escape, {capture: true})
  followTheme(model, take)
  model.on("remove", () => window.removeEventListener("keydown", escape, {capture: true}))
  let taking = 0
  model.on(["card", "maps", "image"], () => { taking ||= requestAnimationFrame(() => { taking = 0; take() }) })
  model.on("work", () => work.show(model.work))
  work.show(model.work)
  take()
  return root
}
