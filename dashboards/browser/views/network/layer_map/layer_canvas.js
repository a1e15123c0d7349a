import {color} from "../../../kit/theme.js"
import {fill, followTheme, h, iconButton, say, svgNode} from "../../../widgets/dom.js"
import {dragging} from "../../../widgets/dragging.js"

const SLIDE = 700,
  REST = 1100 // ms from one layer to the next, and on each while they loop
const REACH = 10 // CSS pixels of a pointer around points
const WAIT = 40 // ms between two reports of what is under the pointer
const STEPS = 65535
const MARGIN = 12 // CSS pixels around the frame
const ZOOM = 1.25,
  NEAREST = 64 // of one step; and of all, of the frame's scale
const STEP = 12,
  LEAP = 60 // CSS pixels that an arrow moves the cursor, and with Shift
const CORNERS_LEAST = 3 // of a lasso
const MOVES = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}
const LINE = 20 // CSS pixels of a name
const FADED = 0.16 // of a point that is not selected
const SOFT = 120 // of 255: the edge of a point
const PLAY = "M5 3l8 5-8 5z",
  PAUSE = "M5 3v10M11 3v10"

export function render({model}) {
  const dots = h("canvas"),
    above = h("canvas"),
    outline = svgNode("path"),
    svg = svgNode("svg", {"aria-hidden": "true"}, outline)
  const names = h("div", {class: "names", "aria-hidden": "true"}),
    told = h("p", {class: "told quiet"}),
    beyond = h("button", {
      type: "button",
      class: "chip beyond",
      hidden: true,
      click: () => see(whole() ? null : everything()),
    })
  const under = h("p", {class: "under", "aria-live": "polite", hidden: true})
  const stage = h("div", {class: "stage", tabindex: 0, role: "application"}, dots, names, above, svg, under)
  const slider = h("input", {
    type: "range",
    min: 0,
    step: 1,
    "aria-label": "Layer of the map",
    input: () => {
      loop(false)
      go(Number(slider.value))
    },
  })
  const walk = h("span"),
    layer = h("span", {class: "layer", "aria-hidden": "true"})
  const steps = h("div", {class: "steps"}, walk, slider, layer),
    root = h("div", {class: "root"}, h("div", {class: "field"}, stage, beyond), told, steps)
  let position = null,
    group = null,
    selected = null,
    size = [0, 0],
    image = null,
    pending = 0
  let from = 0,
    to = 0,
    begun = null,
    time = 0 // columns; begun: when the slide began, null: it stands
  let looping = false,
    resting = 0,
    own = [] // own: what was told of layers, and is not answered yet
  let pointing = 0,
    pointed = -1,
    palette = null
  let framed = ""
  let view = null // {x, y, zoom}: the middle on the map, times the frame's scale; null: the frame
  let here = null,
    corners = [],
    keyed = false // of keys: the cursor and a lasso's corners on the map; keyed: they have the focus

  const ratio = () => window.devicePixelRatio || 1
  const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches
  const bytes = (held) =>
    held instanceof ArrayBuffer
      ? new Uint8Array(held)
      : new Uint8Array(held.buffer, held.byteOffset, held.byteLength)
  const local = (event) => {
    const {left, top} = stage.getBoundingClientRect()
    return [event.clientX - left, event.clientY - top]
  }
  const held = (event) => ({shift: event.shiftKey, ctrl: event.ctrlKey || event.metaKey})

  /** CSS pixels of one unit of the map in the frame; and what is seen. */
  const scale = () => {
    const [left, bottom, right, top] = model.shown.frame
    return Math.min(
      Math.max(1, size[0] - 2 * MARGIN) / (right - left),
      Math.max(1, size[1] - 2 * MARGIN) / (top - bottom),
    )
  }
  const seen = () => {
    const [left, bottom, right, top] = model.shown.frame,
      {x, y, zoom} = view ?? {x: (left + right) / 2, y: (bottom + top) / 2, zoom: 1}
    return {x, y, zoom, unit: scale() * zoom}
  }
  const toScreen = ([x, y]) => {
    const {x: middle, y: height, unit} = seen()
    return [size[0] / 2 + (x - middle) * unit, size[1] / 2 - (y - height) * unit]
  }
  const toMap = ([left, top]) => {
    const {x, y, unit} = seen()
    return [x + (left - size[0] / 2) / unit, y - (top - size[1] / 2) / unit]
  }
  const inSight = ([x, y]) => x >= 0 && y >= 0 && x <= size[0] && y <= size[1]

  /** Eased share of the way from `from` to `to`. */
  const share = () => (begun === null ? 1 : time < 0.5 ? 4 * time ** 3 : 1 - (2 - 2 * time) ** 3 / 2)

  /** Where a point lies now, in CSS pixels. */
  function place(point) {
    const {points, reach} = model.shown,
      a = 2 * (from * points + point),
      b = 2 * (to * points + point),
      part = share()
    return toScreen(
      [0, 1].map(
        (k) => (((position[a + k] + (position[b + k] - position[a + k]) * part) / STEPS) * 2 - 1) * reach,
      ),
    )
  }

  /** Calls `act(x, y, point)` with the place of every point, in CSS pixels. */
  function each(act) {
    const {points, reach} = model.shown,
      {x: middle, y: height, unit} = seen(),
      part = share()
    const per = ((2 * reach) / STEPS) * unit,
      left = size[0] / 2 - (reach + middle) * unit,
      bottom = size[1] / 2 + (reach + height) * unit
    for (let point = 0, a = 2 * from * points, b = 2 * to * points; point < points; point++, a += 2, b += 2) {
      act(
        left + per * (position[a] + (position[b] - position[a]) * part),
        bottom - per * (position[a + 1] + (position[b + 1] - position[a + 1]) * part),
        point,
      )
    }
  }

  const draw = () => {
    if (!pending)
      pending = requestAnimationFrame((now) => {
        pending = 0
        frame(now)
      })
  }

  function load() {
    const {columns, points, of} = model.shown
    if (!columns) return
    const packed = bytes(model.position)
    if (packed.length !== 4 * columns.length * points) return
    position = new Uint16Array(packed.slice().buffer)
    group = bytes(model.group)
    palette = null
    stage.setAttribute(
      "aria-label",
      `The map of ${of.toLocaleString("en")} images in each layer. A drag selects, a click studies the nearest image. Arrow keys move a cursor, Enter studies the nearest image, L sets the corners of a lasso, plus and minus zoom, Home shows the frame; Page Up and Page Down slide to the next layer, the space bar walks through them, Escape stops`,
    )
    fill(
      names,
      model.shown.names.map(({text, color: edge}) => h("span", {style: `border-color:${edge}`}, text)),
    )
    const stood = to
    from = to = Math.min(model.at, columns.length - 1)
    begun = null
    if (framed !== String(model.shown.frame)) {
      framed = String(model.shown.frame)
      view = here = null
      drop()
    } // another run
    if (to !== stood) drop()
    bar()
    draw()
  }

  function frame(now) {
    if (!position || !size[0] || !size[1]) return
    if (begun !== null) {
      begun ||= now
      time = Math.min(1, (now - begun) / SLIDE)
      if (time === 1) {
        from = to
        begun = null
        arrived()
      } else draw()
    }
    const [width, height] = size.map((length) => Math.round(length * ratio()))
    for (const canvas of [dots, above])
      if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height]
    const started = performance.now()
    paint()
    rings()
    annotate()
    stage.dataset.slowest = Math.max(Number(stage.dataset.slowest ?? 0), performance.now() - started).toFixed(
      1,
    )
    stage.dataset.column = begun === null ? model.shown.columns[to] : ""
  }

  /** Colors as an image packs them: [full, faded] of each group. */
  function inks() {
    const ground = color("surface"),
      parse = (text) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16)),
      below = parse(ground)
    const pack = (rgb) => ((255 << 24) | (rgb[2] << 16) | (rgb[1] << 8) | rgb[0]) >>> 0
    return model.shown.colors.map((text) => {
      const full = parse(text || color("quiet"))
      return [pack(full), pack(full.map((value, k) => Math.round(below[k] + (value - below[k]) * FADED)))]
    })
  }

  function paint() {
    const context = dots.getContext("2d"),
      {width, height} = dots,
      {points} = model.shown
    if (image?.width !== width || image.height !== height) image = context.createImageData(width, height)
    const pixels = new Uint32Array(image.data.buffer),
      part = share(),
      {reach: far} = model.shown,
      {x: middle, y: high, zoom, unit} = seen()
    const per = ((2 * far) / STEPS) * unit * ratio(),
      left = width / 2 - (far + middle) * unit * ratio(),
      bottom = height / 2 + (far + high) * unit * ratio()
    palette ??= inks()
    pixels.fill(0)
    const small = Math.max(
      1,
      Math.round(
        ratio() * Math.max(1, Math.min(3, (0.3 * Math.min(...size) * Math.max(1, zoom)) / Math.sqrt(points))),
      ),
    )

    function dot(point, ink, radius) {
      const a = 2 * (from * points + point),
        b = 2 * (to * points + point)
      const x = Math.round(left + per * (position[a] + (position[b] - position[a]) * part)),
        y = Math.round(bottom - per * (position[a + 1] + (position[b + 1] - position[a + 1]) * part))
      if (x < -radius || y < -radius || x >= width + radius || y >= height + radius) return
      const reach = radius * radius + (radius > 1 ? 1 : 0),
        edge = (radius + 0.7) ** 2,
        soft = ((ink & 0xffffff) | (SOFT << 24)) >>> 0
      for (let dy = -radius; dy <= radius; dy++)
        for (let dx = -radius; dx <= radius; dx++) {
          const px = x + dx,
            py = y + dy,
            far = dx * dx + dy * dy
          if (far > edge || px < 0 || py < 0 || px >= width || py >= height) continue
          const at = py * width + px
          if (far <= reach) pixels[at] = ink
          else pixels[at] ||= soft
        }
    }

    for (let point = 0; point < points; point++)
      if (!selected?.[point]) dot(point, palette[group[point]][selected ? 1 : 0], small)
    if (selected)
      for (let point = 0; point < points; point++)
        if (selected[point]) dot(point, palette[group[point]][0], small + 1)
    context.putImageData(image, 0, 0)
  }

  function rings() {
    const context = above.getContext("2d")
    context.setTransform(ratio(), 0, 0, ratio(), 0, 0)
    context.clearRect(0, 0, ...size)
    const hover = pointed >= 0 ? pointed : model.ringed
    for (const [point, radius, wide] of [
      [hover, 6, 2],
      [model.focus, 8, 3],
    ]) {
      if (point < 0 || point >= model.shown.points) continue
      for (const [stroke, width] of [
        [color("surface"), wide + 2.5],
        [color("ink"), wide],
      ]) {
        context.beginPath()
        context.arc(...place(point), radius, 0, 2 * Math.PI)
        context.strokeStyle = stroke
        context.lineWidth = width
        context.stroke()
      }
    }
    if (!keyed || !here) return
    const [x, y] = toScreen(here)
    for (const [stroke, width] of [
      [color("surface"), 6],
      [color("accent"), 3],
    ]) {
      context.beginPath()
      context.arc(x, y, 11, 0, 2 * Math.PI)
      context.strokeStyle = stroke
      context.lineWidth = width
      context.stroke()
    }
  }

  function annotate() {
    const part = share(),
      placed = []
    model.shown.names.forEach(({text, at}, index) => {
      const element = names.children[index],
        [x, y] = toScreen([0, 1].map((k) => at[from][k] + (at[to][k] - at[from][k]) * part)),
        broad = 7 * text.length + 12
      const down = [0, 1, -1, 2, -2]
        .filter((by) => y + by * LINE >= LINE / 2 && y + by * LINE <= size[1] - LINE / 2)
        .find((by) =>
          placed.every(
            (other) =>
              Math.abs(other.x - x) >= (other.broad + broad) / 2 || Math.abs(other.y - y - by * LINE) >= LINE,
          ),
        )
      element.hidden = down === undefined || !inSight([x, y])
      if (element.hidden) return
      placed.push({x, y: y + down * LINE, broad})
      element.style.translate = `${Math.max(broad / 2, Math.min(size[0] - broad / 2, x))}px ${y + down * LINE}px`
    })
    const some =
      model.shown.points < model.shown.of
        ? ` · ${model.shown.points.toLocaleString("en")} of ${model.shown.of.toLocaleString("en")} images are drawn`
        : ""
    const text = model.shown.told[to] + some
    if (told.textContent !== text) told.textContent = text
    if (begun === null) outside()
    sketch()
  }

  /** How many images are not in sight, which a click shows. */
  function outside() {
    let count = 0
    each((x, y) => {
      if (x < 0 || y < 0 || x > size[0] || y > size[1]) count++
    })
    const all = whole(),
      text = count
        ? `${count.toLocaleString("en")} ${count === 1 ? "image" : "images"} beyond the frame`
        : all
          ? "back to the frame"
          : ""
    beyond.hidden = !text
    if (beyond.textContent !== text) {
      beyond.textContent = text
      beyond.title = count ? "Show them: the wheel, plus and minus zoom, too" : "Where most images lie"
    }
  }

  // --- what is seen

  /** All images of all layers. */
  function everything() {
    const reach = model.shown.reach,
      unit = Math.min(...size.map((length) => Math.max(1, length - 2 * MARGIN))) / 2 / reach
    return {x: 0, y: 0, zoom: Math.min(1, unit / scale())}
  }
  const whole = () => view !== null && view.x === 0 && view.y === 0 && view.zoom === everything().zoom

  function see(what) {
    view = what
    draw()
  }

  /** `by` times as large; what is at `at` stays there. */
  function zoomed(at, by) {
    const [x, y] = toMap(at),
      {zoom} = seen(),
      now = Math.max(everything().zoom / ZOOM, Math.min(NEAREST, zoom * by)),
      unit = scale() * now
    see({x: x - (at[0] - size[0] / 2) / unit, y: y + (at[1] - size[1] / 2) / unit, zoom: now})
  }

  // --- from layer to layer

  function slide(column) {
    if (!position || column === to) return
    drop() // its corners are in the other map
    if (begun !== null) from = share() < 0.5 ? from : to // from the nearer of the two
    to = column
    begun = still() ? null : 0
    time = 0
    if (begun === null) {
      from = to
      arrived()
    }
    bar()
    draw()
  }

  /** What a person, or the loop, goes to: it is told, and holds on the whole page. */
  function go(column) {
    const {columns} = model.shown,
      wanted = (column + columns.length) % columns.length
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
    if (answered >= 0) {
      own = own.slice(answered + 1)
      return
    }
    own = []
    loop(false)
    slide(model.at)
  }

  function bar() {
    const {columns} = model.shown
    if (!columns) return
    const focused = walk.contains(root.getRootNode().activeElement)
    fill(
      walk,
      iconButton(
        looping ? "Stop the walk (Esc)" : "Walk through the layers (space)",
        looping ? PAUSE : PLAY,
        {class: "plain", "aria-pressed": String(looping), click: () => loop(!looping)},
      ),
    )
    if (focused) walk.firstChild.focus()
    Object.assign(slider, {max: columns.length - 1, value: to})
    slider.setAttribute("aria-valuetext", columns[to])
    layer.textContent = columns[to]
  }

  // --- what a person does

  function nearest([left, top]) {
    let best = REACH ** 2,
      found = -1
    each((x, y, point) => {
      const away = (x - left) ** 2 + (y - top) ** 2,
        rank = selected && !selected[point] ? 4 * away : away
      if (away < REACH ** 2 && rank < best) {
        best = rank
        found = point
      }
    })
    return found
  }

  function point(at) {
    clearTimeout(pointing)
    pointing = setTimeout(
      () => {
        if (!position) return
        const found = at && begun === null ? nearest(at) : -1
        if (found === pointed) return
        pointed = found
        say(model, "hover", found < 0 ? null : [model.shown.number, found])
        draw()
      },
      at ? WAIT : 0,
    )
  }

  const drag = dragging(stage, outline, {
    local,
    begins: () => {
      loop(false)
      drop()
      return Boolean(position) && begun === null
    },
    draws: () => true,
    point,
    shift: () => {},
    pick: (at, event) => {
      const found = nearest(at)
      if (found >= 0) say(model, "pick", {number: model.shown.number, point: found, ...held(event)})
    },
    lasso: (drawn, event) => select(drawn.map(toMap), event),
  })

  const select = (drawn, event) =>
    say(model, "lasso", {
      column: model.shown.columns[to],
      x: drawn.map(([x]) => x),
      y: drawn.map(([, y]) => y),
      ...held(event),
    })

  function key(event) {
    if (event.altKey || !position) return
    const on = event.composedPath()[0],
      {key} = event,
      last = model.shown.columns.length - 1
    if (key === "Escape" && (looping || drag.drawing || corners.length)) {
      loop(false)
      drag.stop()
      drop()
    } else if (on === stage && key === "Enter") enter(event)
    else if (event.ctrlKey || event.metaKey) return
    else if (key === "PageUp" || key === "PageDown") {
      const next = to + (key === "PageUp" ? -1 : 1)
      loop(false)
      if (next >= 0 && next <= last) go(next)
    } else if (key === " " && !on.matches?.("button")) loop(!looping)
    else if (on !== stage) return
    else if (key in MOVES) step(MOVES[key], event.shiftKey ? LEAP : STEP)
    else if (key === "l" || key === "L") corner()
    else if (key === "Home") see(null)
    else if (key === "+" || key === "=" || key === "-")
      zoomed(toScreen(arrive()), key === "-" ? 1 / ZOOM : ZOOM)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  // --- a cursor of keys

  /** Where it is; it begins at the image under study, or in the middle. */
  function arrive() {
    if (here && inSight(toScreen(here))) return here
    const studied = model.focus >= 0 && model.focus < model.shown.points ? place(model.focus) : null
    return (here = toMap(studied && inSight(studied) ? studied : size.map((length) => length / 2)))
  }

  /** By whole steps of the screen, and never out of sight. */
  function step(by, pixels) {
    const at = toScreen(arrive())
    here = toMap(at.map((value, k) => Math.max(0, Math.min(size[k], value + by[k] * pixels))))
    look()
  }

  /** Tells what is near, as a pointer there does. */
  function look() {
    const found = begun === null ? nearest(toScreen(arrive())) : -1
    if (found !== pointed) {
      pointed = found
      say(model, "look", found < 0 ? null : [model.shown.number, found])
    }
    spell()
    draw()
  }

  function spell() {
    const drawn = lasso().length,
      more = drawn < CORNERS_LEAST ? `, ${CORNERS_LEAST} close it` : ""
    const text = `${corners.length ? `Lasso of ${drawn} ${drawn === 1 ? "corner" : "corners"}${more} · ` : ""}${pointed < 0 ? "no image near here" : model.looked}`
    under.hidden = !keyed || !here
    if (under.textContent !== text) under.textContent = text
  }

  /** The corners with the one that is here. */
  const lasso = () => (here && String(corners.at(-1)) !== String(here) ? [...corners, here] : corners)

  function corner() {
    arrive()
    corners = lasso()
    look()
  }

  function enter(event) {
    const at = toScreen(arrive())
    if (begun !== null) return
    if (!corners.length) {
      const found = nearest(at)
      if (found >= 0) say(model, "pick", {number: model.shown.number, point: found, ...held(event)})
    } else if (lasso().length >= CORNERS_LEAST) {
      const drawn = lasso()
      drop()
      select(drawn, event)
    }
    look()
  }

  function drop() {
    corners = []
    outline.setAttribute("d", "")
    spell()
  }

  function sketch() {
    if (corners.length)
      outline.setAttribute(
        "d",
        `M${lasso()
          .map((at) => toScreen(at).join())
          .join("L")}Z`,
      )
  }

  stage.addEventListener("focus", () => {
    keyed = stage.matches(":focus-visible")
    if (keyed && position) {
      arrive()
      look()
    }
  })
  stage.addEventListener("blur", () => {
    keyed = false
    drop()
    if (position && pointed >= 0) {
      pointed = -1
      say(model, "look", null)
    }
    draw()
  })
  stage.addEventListener(
    "keydown",
    () => {
      keyed = true
    },
    {capture: true},
  )
  stage.addEventListener(
    "wheel",
    (event) => {
      if (!position || drag.drawing) return
      event.preventDefault()
      zoomed(local(event), ZOOM ** Math.max(-2, Math.min(2, -event.deltaY / 100)))
    },
    {passive: false},
  )

  function choice() {
    const found = bytes(model.selected)
    selected = found.length ? found : null
    names.style.opacity = selected ? 0.6 : 1 // what is selected is seen through them
    draw()
  }

  root.addEventListener("keydown", key)
  const resized = new ResizeObserver(() => {
    size = [stage.clientWidth, stage.clientHeight]
    draw()
  })
  resized.observe(stage)
  followTheme(model, () => {
    palette = null
    draw()
  })
  model.on("remove", () => {
    resized.disconnect()
    clearTimeout(resting)
    clearTimeout(pointing)
    cancelAnimationFrame(pending)
  })
  model.on(["shown", "position", "group"], load)
  model.on("at", follow)
  model.on("selected", choice)
  model.on(["focus", "ringed"], draw)
  model.on("looked", spell)
  choice()
  load()
  return root
}
