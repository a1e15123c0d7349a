const TOP = 20, FOOT = 2, TARGET = 52, LEAST = 30, THUMB = 16   // CSS pixels; of a picture in the strip, at most and at least
const LASTS = 4000                                             // milliseconds that a way plays
const PLAY = "M4 2.5 L13 8 L4 13.5 Z", PAUSE = "M5 3 V13 M11 3 V13"

export function render({model}) {
  const svg = svgNode("svg", {class: "chart"}), plot = h("div", {class: "plot"}, svg), strip = h("div", {class: "strip"})
  const range = h("input", {type: "range", min: 0, step: 1, "aria-label": "Step of the way", input: () => { stop(); go(Number(range.value)) }})
  const slider = h("div", {class: "slider"}, range), way = h("div", {class: "way"}, plot, strip, slider)
  const said = h("div"), tools = h("div", {class: "tools"}), empty = h("div", {class: "empty"})
  const how = h("p", {class: "quiet how"}, "areas: the teacher's probabilities, together 1 · dashed: its answer changes, found to a thousandth of the way")
  const work = workLine(() => say(model, "cancel"))
  const root = h("div", {class: "card"}, said, work.element, tools, way, empty, how)
  let sample = null, sheet = null, step = null, timer = 0, size = [0, 0], wide = TARGET, dragging = false

  const shown = () => model.card.shown ?? {position: [], point: [], areas: [], changes: [], answer: [], shape: [1, 1, 1]}
  const last = () => shown().position.length - 1
  const x = (u) => wide / 2 + 2 + u * (size[0] - wide - 4)
  const y = (p) => TOP + (1 - p) * (size[1] - TOP - FOOT)

  function go(to) {
    const next = to === null ? null : Math.max(0, Math.min(last(), to))
    if (next === step) return
    const before = step
    step = next
    say(model, "show", {sample, step})
    if ((before === null) !== (step === null)) head()
    mark()
  }

  function stop() {
    if (!timer) return
    clearInterval(timer); timer = 0
    controls()
  }

  function play() {
    if (timer) { stop(); return }
    go(step === null || step === last() ? 0 : step)
    timer = setInterval(() => { if (step === null || step >= last()) stop(); else go(step + 1) }, LASTS / (last() + 1))
    controls()
  }

  function areas() {
    const {point, areas: all} = shown(), floor = point.map(() => 0), made = [], names = []
    for (const {name, short, color: fill, value} of all) {
      const below = [...floor]
      value.forEach((p, index) => { floor[index] += p })
      const upper = point.map((u, index) => `${x(u)},${y(Math.min(1, floor[index]))}`)
      const lower = point.map((u, index) => `${x(u)},${y(Math.min(1, below[index]))}`).reverse()
      made.push(svgNode("polygon", {class: `area${fill ? "" : " rest"}`, "data-name": name, points: [...upper, ...lower].join(" "), style: fill ? `fill:${fill}` : null}, svgNode("title", {}, document.createTextNode(name))))
      const most = value.indexOf(Math.max(...value)), high = value[most] * (size[1] - TOP - FOOT)
      if (high < 18 || wideAt(value, most) < 5 * short.length) continue
      const anchor = point[most] < .2 ? "start" : point[most] > .8 ? "end" : "middle"
      const left = anchor === "start" ? Math.max(x(point[most]), x(0) + 8) : anchor === "end" ? Math.min(x(point[most]), x(1) - 8) : x(point[most])
      names.push(svgNode("text", {class: `named${fill ? "" : " rest-name"}`, x: left, y: y(below[most] + value[most] / 2) + 4, "text-anchor": anchor}, document.createTextNode(short)))
    }
    return [...made, ...names]
  }

  /** Over how many pixels an area is as high as its name, around where it is highest. */
  function wideAt(value, most) {
    const {point} = shown(), tall = (index) => value[index] * (size[1] - TOP - FOOT) >= 14
    let [low, high] = [most, most]
    while (low > 0 && tall(low - 1)) low--
    while (high < value.length - 1 && tall(high + 1)) high++
    return x(point[high]) - x(point[low])
  }

  /** Names of neighboring changes that would lie over each other are left to the sentence and the hint. */
  function changes() {
    let free = -Infinity
    return shown().changes.flatMap(({position, text}) => {
      const at = x(position), words = `${text}  ${position.toFixed(3).replace(/^0/, "")}`, room = 6.2 * words.length
      const left = Math.max(x(0), Math.min(x(1) - room, at - room / 2))
      const line = svgNode("line", {class: "flip", "data-position": position, x1: at, x2: at, y1: TOP - 4, y2: y(0)}, svgNode("title", {}, document.createTextNode(words)))
      const made = [svgNode("line", {class: "halo", x1: at, x2: at, y1: TOP - 4, y2: y(0)}), line]
      if (left < free) return made
      free = left + room + 8
      return [...made, svgNode("text", {class: "flip-name", x: left, y: 11}, document.createTextNode(words))]
    })
  }

  function chart() {
    svg.setAttribute("viewBox", `0 0 ${Math.max(1, size[0])} ${Math.max(1, size[1])}`)
    if (!size[0] || !shown().position.length) { svg.replaceChildren(); return }
    const tick = (p) => svgNode("text", {x: x(0) - 5, y: y(p) + (p ? 9 : 0), "text-anchor": "end"}, document.createTextNode(String(p)))
    svg.replaceChildren(...areas(), ...changes(), tick(0), tick(1), ...["halo now", "now"].map((name) => svgNode("line", {class: name, y1: TOP - 4, y2: y(0), visibility: "hidden"})))
  }

  /** As many pictures as fit with the ends among them: all, every second or every fourth. */
  function pictures() {
    const {position, shape} = shown(), room = (size[0] - 4) / Math.max(1, last())
    const every = [1, 2, 4, 5, 10].find((skip) => last() % skip === 0 && room * skip >= LEAST) ?? last()
    const tile = Math.max(8, Math.min(TARGET, (size[0] - 4) / (last() / every + 1) - 2))
    const scale = tile / Math.max(shape[0], shape[1]), [height, width] = [shape[0] * scale, shape[1] * scale]
    wide = width
    strip.style.height = `${height + 4}px`
    sheet ??= sheetOf(model.images, shape, position.length)
    const ratio = window.devicePixelRatio || 1
    strip.replaceChildren(...position.map((u, index) => {
      if (index % every) return null
      const canvas = h("canvas", {"data-step": index, width: Math.round(width * ratio), height: Math.round(height * ratio), title: hint(index),
        style: `left:${x(u) - width / 2}px; width:${width}px; height:${height}px`, click: () => { stop(); go(index === step ? null : index) }})
      const context = canvas.getContext("2d"), across = index % sheet.columns, down = Math.floor(index / sheet.columns)
      context.imageSmoothingEnabled = scale * ratio < 1
      context.drawImage(sheet.canvas, across * sheet.width, down * sheet.height, sheet.width, sheet.height, 0, 0, canvas.width, canvas.height)
      return canvas
    }).filter(Boolean))
  }

  const hint = (index) => `${shown().position[index].toFixed(2)} of the way: ${shown().answer[index]}`

  function mark() {
    for (const canvas of strip.children) canvas.toggleAttribute("aria-current", Number(canvas.dataset.step) === step)
    range.value = step ?? 0
    if (last() >= 0) range.setAttribute("aria-valuetext", hint(step ?? 0))
    for (const now of svg.querySelectorAll(".now")) {
      now.setAttribute("visibility", step === null ? "hidden" : "visible")
      if (step !== null) for (const side of ["x1", "x2"]) now.setAttribute(side, x(shown().position[step]))
    }
  }

  function controls() {
    const {steps, choices, way: chosen, ways} = model.card, focused = root.getRootNode().activeElement?.closest?.(".play, .segmented button")
    const was = focused ? [...tools.querySelectorAll("button")].indexOf(focused) : -1
    fill(tools, iconButton(timer ? "Pause" : "Play the way", timer ? PAUSE : PLAY, {class: "chip play", click: play}),
      segmented("Steps", (choices ?? []).map((count) => [count, String(count), `${count} images on the way`]), steps, (count) => { leave(); say(model, "steps", count) }),
      segmented("Way", (ways ?? []).map(([name, title]) => [name, name, title]), chosen, (name) => { leave(); say(model, "way", name) }),
      h("p", {class: "quiet legend"}, shown().areas.map(({name, short, color: fill}) => h("span", {title: name}, h("span", {class: "swatch", style: `background:${fill || "var(--dv-line)"}`}), short))))
    if (was >= 0) tools.querySelectorAll("button")[was]?.focus()
  }

  function head() {
    const {sentence, note, fault} = model.card
    fill(said, h("div", {class: "head"}, sentence ? h("h3", {class: "sentence", role: "status"}, sentence) : null,
      step !== null ? h("button", {type: "button", class: "chip", click: leave}, "Back", h("kbd", {"aria-hidden": "true"}, "Esc")) : null),
      note ? h("p", {class: "quiet note"}, note) : null, fault ? h("p", {class: "warning"}, fault) : null)
  }

  function leave() { stop(); go(null) }

  function draw() {
    if (shown().position.length && size[0]) {
      pictures(); chart()
      range.max = last()
      range.style.left = `${x(0) - THUMB / 2}px`; range.style.width = `${x(1) - x(0) + THUMB}px`
    }
    mark()
  }

  function take() {
    clearInterval(timer); timer = 0
    sheet = null; step = null; sample = model.card.sample ?? null
    const any = shown().position.length > 0, {waiting, action} = model.card
    head(); controls()
    tools.hidden = way.hidden = how.hidden = !any
    empty.hidden = any
    fill(empty, h("p", {}, waiting ?? ""), action ? h("button", {type: "button", class: "action", click: () => say(model, "walk", sample)}, action) : null)
    measure()
    draw()
  }

  function measure() { size = [plot.clientWidth, plot.clientHeight] }

  function point(event) {
    const u = (event.clientX - svg.getBoundingClientRect().left - x(0)) / (x(1) - x(0))
    stop(); go(Math.round(Math.max(0, Math.min(1, u)) * last()))
  }

  function escape(event) {
    if (event.key !== "Escape" || step === null || !root.offsetParent || event.composedPath()[0].matches?.("textarea, select, input:not([type=range])")) return
    event.preventDefault(); event.stopImmediatePropagation()
    leave()
  }

  svg.addEventListener("pointerdown", (event) => { dragging = true; svg.setPointerCapture(event.pointerId); event.preventDefault(); range.focus(); point(event) })
  svg.addEventListener("pointermove", (event) => { if (dragging) point(event) })
  for (const name of ["pointerup", "pointercancel"]) svg.addEventListener(name, () => { dragging = false })
  window.addEventListener("keydown", escape, {capture: true})
  const resized = new ResizeObserver(() => {
    if (!root.offsetParent && step !== null) leave()   // the tab was left: the image card shows the image again
    measure(); draw()
  })
  resized.observe(plot)
  model.on("remove", () => { clearInterval(timer); resized.disconnect(); window.removeEventListener("keydown", escape, {capture: true}) })
  let taking = 0
  model.on(["card", "images"], () => { taking ||= requestAnimationFrame(() => { taking = 0; take() }) })
  model.on("work", () => work.show(model.work))
  work.show(model.work)
  take()
  return root
}
