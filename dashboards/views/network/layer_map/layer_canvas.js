const SLIDE = 700, REST = 1100      // ms from one layer to the next, and on each while they loop
const REACH = 10                    // CSS pixels of a pointer around points
const WAIT = 40                     // ms between two reports of what is under the pointer
const STEPS = 65535
const MARGIN = 12                   // CSS pixels around the map
const LINE = 20                     // CSS pixels of a name
const FADED = .16                   // of a point that is not selected
const SOFT = 120                    // of 255: the edge of a point
const PLAY = "M5 3l8 5-8 5z", PAUSE = "M5 3v10M11 3v10"

export function render({model}) {
  const dots = h("canvas"), above = h("canvas"), outline = svgNode("path"), svg = svgNode("svg", {"aria-hidden": "true"}, outline)
  const names = h("div", {class: "names", "aria-hidden": "true"}), told = h("p", {class: "told quiet"})
  const stage = h("div", {class: "stage", tabindex: 0, role: "application"}, dots, names, above, svg)
  const slider = h("input", {type: "range", min: 0, step: 1, "aria-label": "Layer of the map", input: () => { loop(false); go(Number(slider.value)) }})
  const walk = h("span"), layer = h("span", {class: "layer", "aria-hidden": "true"})
  const steps = h("div", {class: "steps"}, walk, slider, layer), root = h("div", {class: "root"}, stage, told, steps)
  let position = null, group = null, selected = null, size = [0, 0], image = null, pending = 0
  let from = 0, to = 0, begun = null, time = 0      // columns; begun: when the slide began, null: it stands
  let looping = false, resting = 0, own = []        // own: what was told of layers, and is not answered yet
  let pointing = 0, pointed = -1, palette = null

  const ratio = () => window.devicePixelRatio || 1
  const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches
  const bytes = (held) => held instanceof ArrayBuffer ? new Uint8Array(held) : new Uint8Array(held.buffer, held.byteOffset, held.byteLength)
  const local = (event) => { const {left, top} = stage.getBoundingClientRect(); return [event.clientX - left, event.clientY - top] }
  const held = (event) => ({shift: event.shiftKey, ctrl: event.ctrlKey || event.metaKey})
  const side = () => Math.max(1, Math.min(...size) - 2 * MARGIN)
  const toScreen = ([x, y]) => { const reach = model.shown.reach; return [size[0] / 2 + x / reach * side() / 2, size[1] / 2 - y / reach * side() / 2] }
  const toMap = ([left, top]) => { const reach = model.shown.reach; return [(left - size[0] / 2) / side() * 2 * reach, (size[1] / 2 - top) / side() * 2 * reach] }

  /** Eased share of the way from `from` to `to`. */
  const share = () => begun === null ? 1 : time < .5 ? 4 * time ** 3 : 1 - (2 - 2 * time) ** 3 / 2

  /** Where a point lies now, in CSS pixels. */
  function place(point) {
    const points = model.shown.points, a = 2 * (from * points + point), b = 2 * (to * points + point), part = share()
    const [x, y] = [0, 1].map((k) => (position[a + k] + (position[b + k] - position[a + k]) * part) / STEPS - .5)
    return [size[0] / 2 + x * side(), size[1] / 2 - y * side()]
  }

  const draw = () => { pending ||= requestAnimationFrame((now) => { pending = 0; frame(now) }) }

  function load() {
    const {columns, points, of, colors} = model.shown
    if (!columns) return
    const packed = bytes(model.position)
    if (packed.length !== 4 * columns.length * points) return
    position = new Uint16Array(packed.slice().buffer)
    group = bytes(model.group)
    palette = null
    stage.setAttribute("aria-label", `The map of ${of.toLocaleString("en")} images in each layer. Left and right slide to the next layer, the space bar walks through them, Escape stops; a drag selects, a click studies the nearest image`)
    fill(names, model.shown.names.map(({text, color: edge}) => h("span", {style: `border-color:${edge}`}, text)))
    from = to = Math.min(model.at, columns.length - 1)
    begun = null
    bar()
    draw()
  }

  function frame(now) {
    if (!position || !size[0] || !size[1]) return
    if (begun !== null) {
      begun ||= now
      time = Math.min(1, (now - begun) / SLIDE)
      if (time === 1) { from = to; begun = null; arrived() } else draw()
    }
    const [width, height] = size.map((length) => Math.round(length * ratio()))
    for (const canvas of [dots, above]) if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height]
    const started = performance.now()
    paint()
    rings()
    annotate()
    stage.dataset.slowest = Math.max(Number(stage.dataset.slowest ?? 0), performance.now() - started).toFixed(1)
    stage.dataset.column = begun === null ? model.shown.columns[to] : ""
  }

  /** Colors as an image packs them: [full, faded] of each group. */
  function inks() {
    const ground = color("surface"), parse = (text) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16)), below = parse(ground)
    const pack = (rgb) => (255 << 24 | rgb[2] << 16 | rgb[1] << 8 | rgb[0]) >>> 0
    return model.shown.colors.map((text) => {
      const full = parse(text || color("quiet"))
      return [pack(full), pack(full.map((value, k) => Math.round(below[k] + (value - below[k]) * FADED)))]
    })
  }

  function paint() {
    const context = dots.getContext("2d"), {width, height} = dots, {points} = model.shown
    if (image?.width !== width || image.height !== height) image = context.createImageData(width, height)
    const pixels = new Uint32Array(image.data.buffer), part = share(), wide = side() * ratio(), left = width / 2 - wide / 2, bottom = height / 2 + wide / 2
    palette ??= inks()
    pixels.fill(0)
    const small = Math.max(1, Math.round(ratio() * Math.max(1, Math.min(3, .3 * side() / Math.sqrt(points)))))

    function dot(point, ink, radius) {
      const a = 2 * (from * points + point), b = 2 * (to * points + point)
      const x = Math.round(left + (position[a] + (position[b] - position[a]) * part) / STEPS * wide), y = Math.round(bottom - (position[a + 1] + (position[b + 1] - position[a + 1]) * part) / STEPS * wide)
      const reach = radius * radius + (radius > 1 ? 1 : 0), edge = (radius + .7) ** 2, soft = (ink & 0xFFFFFF | SOFT << 24) >>> 0
      for (let dy = -radius; dy <= radius; dy++) for (let dx = -radius; dx <= radius; dx++) {
        const px = x + dx, py = y + dy, far = dx * dx + dy * dy
        if (far > edge || px < 0 || py < 0 || px >= width || py >= height) continue
        const at = py * width + px
        if (far <= reach) pixels[at] = ink
        else pixels[at] ||= soft
      }
    }

    for (let point = 0; point < points; point++) if (!selected?.[point]) dot(point, palette[group[point]][selected ? 1 : 0], small)
    if (selected) for (let point = 0; point < points; point++) if (selected[point]) dot(point, palette[group[point]][0], small + 1)
    context.putImageData(image, 0, 0)
  }

  function rings() {
    const context = above.getContext("2d")
    context.setTransform(ratio(), 0, 0, ratio(), 0, 0)
    context.clearRect(0, 0, ...size)
    const hover = pointed >= 0 ? pointed : model.ringed
    for (const [point, radius, wide] of [[hover, 6, 2], [model.focus, 8, 3]]) {
      if (point < 0 || point >= model.shown.points) continue
      for (const [stroke, width] of [[color("surface"), wide + 2.5], [color("ink"), wide]]) {
        context.beginPath(); context.arc(...place(point), radius, 0, 2 * Math.PI)
        context.strokeStyle = stroke; context.lineWidth = width; context.stroke()
      }
    }
  }

  function annotate() {
    const part = share(), placed = []
    model.shown.names.forEach(({text, at}, index) => {
      const element = names.children[index], [x, y] = toScreen([0, 1].map((k) => at[from][k] + (at[to][k] - at[from][k]) * part)), broad = 7 * text.length + 12
      const down = [0, 1, -1, 2, -2].filter((by) => y + by * LINE >= LINE / 2 && y + by * LINE <= size[1] - LINE / 2).find((by) => placed.every((other) => Math.abs(other.x - x) >= (other.broad + broad) / 2 || Math.abs(other.y - y - by * LINE) >= LINE))
      element.hidden = down === undefined
      if (element.hidden) return
      placed.push({x, y: y + down * LINE, broad})
      element.style.translate = `${Math.max(broad / 2, Math.min(size[0] - broad / 2, x))}px ${y + down * LINE}px`
    })
    const some = model.shown.points < model.shown.of ? ` · ${model.shown.points.toLocaleString("en")} of ${model.shown.of.toLocaleString("en")} images are drawn` : ""
    const text = model.shown.told[to] + some
    if (told.textContent !== text) told.textContent = text
  }

  // --- from layer to layer

  function slide(column) {
    if (!position || column === to) return
    if (begun !== null) from = share() < .5 ? from : to   // from the nearer of the two
    to = column
    begun = still() ? null : 0
    time = 0
    if (begun === null) { from = to; arrived() }
    bar()
    draw()
  }

  /** What a person, or the loop, goes to: it is told, and holds on the whole page. */
  function go(column) {
    const {columns} = model.shown, wanted = (column + columns.length) % columns.length
    own.push(wanted)
    say(model, "layer", columns[wanted])
    slide(wanted)
  }

  function arrived() {
    clearTimeout(resting)
    if (looping) resting = setTimeout(() => go(to + 1), REST)
  }

  function loop(on) {
    if (on === looping) return
    looping = on
    clearTimeout(resting)
    if (on && position) go(to + 1)
    bar()
  }

  /** The page shows another layer: either what was told here, or what somebody chose elsewhere. */
  function follow() {
    const answered = own.indexOf(model.at)
    if (answered >= 0) { own = own.slice(answered + 1); return }
    own = []
    loop(false)
    slide(model.at)
  }

  function bar() {
    const {columns} = model.shown
    if (!columns) return
    const focused = walk.contains(root.getRootNode().activeElement)
    fill(walk, iconButton(looping ? "Stop the walk (Esc)" : "Walk through the layers (space)", looping ? PAUSE : PLAY, {class: "plain", "aria-pressed": String(looping), click: () => loop(!looping)}))
    if (focused) walk.firstChild.focus()
    Object.assign(slider, {max: columns.length - 1, value: to})
    slider.setAttribute("aria-valuetext", columns[to])
    layer.textContent = columns[to]
  }

  // --- what a person does

  function nearest([left, top]) {
    let best = REACH ** 2, found = -1
    for (let point = 0; point < model.shown.points; point++) {
      const [x, y] = place(point), away = (x - left) ** 2 + (y - top) ** 2, rank = selected && !selected[point] ? 4 * away : away
      if (away < REACH ** 2 && rank < best) { best = rank; found = point }
    }
    return found
  }

  function point(at) {
    clearTimeout(pointing)
    pointing = setTimeout(() => {
      if (!position) return
      const found = at && begun === null ? nearest(at) : -1
      if (found === pointed) return
      pointed = found
      say(model, "hover", found < 0 ? null : [model.shown.number, found])
      draw()
    }, at ? WAIT : 0)
  }

  const drag = dragging(stage, outline, {
    local,
    begins: () => { loop(false); return Boolean(position) && begun === null },
    draws: () => true,
    point,
    shift: () => {},
    pick: (at, event) => { const found = nearest(at); if (found >= 0) say(model, "pick", {number: model.shown.number, point: found, ...held(event)}) },
    lasso: (drawn, event) => { const corners = drawn.map(toMap); say(model, "lasso", {column: model.shown.columns[to], x: corners.map(([x]) => x), y: corners.map(([, y]) => y), ...held(event)}) },
  })

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !position) return
    const button = event.composedPath()[0].matches?.("button")
    if (event.key === "Escape" && (looping || drag.drawing)) { loop(false); drag.stop() }
    else if (event.key === "ArrowLeft" && to > 0) { loop(false); go(to - 1) }
    else if (event.key === "ArrowRight" && to < model.shown.columns.length - 1) { loop(false); go(to + 1) }
    else if (event.key === " " && !button) loop(!looping)
    else return
    event.preventDefault(); event.stopPropagation()
  }

  function choice() {
    const found = bytes(model.selected)
    selected = found.length ? found : null
    names.style.opacity = selected ? .6 : 1   // what is selected is seen through them
    draw()
  }

  root.addEventListener("keydown", key)
  const resized = new ResizeObserver(() => { size = [stage.clientWidth, stage.clientHeight]; draw() })
  resized.observe(stage)
  followTheme(model, () => { palette = null; draw() })
  model.on("remove", () => { resized.disconnect(); clearTimeout(resting); clearTimeout(pointing); cancelAnimationFrame(pending) })
  model.on(["shown", "position", "group"], load)
  model.on("at", follow)
  model.on("selected", choice)
  model.on(["focus", "ringed"], draw)
  choice()
  load()
  return root
}
