import {color} from "../../../kit/theme.js"
import {fill, followTheme, h, iconButton, say, segmented, svgNode} from "../../../widgets/dom.js"
import {dragging} from "../../../widgets/dragging.js"
import {sheetOf} from "../../../widgets/tiles.js"
import {AMONG, aroundLegend, paintAround} from "./around.js"
import {Clock} from "./clock.js"
import {bytes, Journey, NOWHERE} from "./journey.js"
import {
  DOUBTFUL,
  FADED,
  HOLLOW,
  hatching,
  LARGE,
  PALE,
  rgb,
  SMALL,
  SOLID,
  Stamps,
  scenery,
  stamp,
  WRONG,
} from "./painting.js"
import {timeline} from "./timeline.js"
import {paintTrails, TRAILS} from "./trails.js"
import {walking} from "./walking.js"

const TOOLS = [
  ["lasso", "Lasso", "Drag around test images to select them"],
  ["move", "Move", "Drag moves the map; the wheel zooms"],
]
const RESET = "M3 8a5 5 0 1 0 2-4M5 1v3h3"
const REACH = 10 // CSS pixels: of a pointer around points
const WAIT = 40 // ms between two reports of what is under the pointer
const NEAR = 2,
  LOOKED = 350 // times nearer from which ground is refined, and ms that it is looked at before
const LINE = 20 // CSS pixels of a name
const KEY_ZOOM = 1.2,
  NEAREST = 24
const GAP = 14

export function render({model}) {
  const scene = h("canvas"),
    dots = h("canvas"),
    above = h("canvas"),
    over = new OffscreenCanvas(1, 1)
  const outline = svgNode("path"),
    svg = svgNode("svg", {}, outline),
    names = h("div", {class: "names", "aria-hidden": "true"})
  const tip = h("div", {class: "tip", hidden: true}, h("canvas"), h("div", {class: "facts"}))
  const stage = h(
    "div",
    {class: "stage", tabindex: 0, role: "application"},
    scene,
    dots,
    names,
    above,
    svg,
    tip,
  )
  const tools = h("div", {class: "tools"}),
    legend = h("div", {class: "legend quiet"}),
    note = h("p", {class: "quiet note"})
  let journey = null,
    owner = "",
    tool = "lasso"
  let size = [0, 0],
    camera = {zoom: 1, x: 0, y: 0} // of the frame's middle, in units of its side
  let pending = 0,
    stamps = null,
    look = null,
    selected = null,
    image = null
  let wanted = model.look // asked of the model once: each asking costs microseconds, and there are 20,000 points
  let pointing = 0,
    pointed = null,
    hovered = null // hovered: what the server was told
  let asked = "",
    refining = 0,
    fine = null // fine: {of, box, side, canvas, look}

  const clock = new Clock({
    epochs: () => journey?.epochs ?? 0,
    draw: () => draw(),
    tell: (epoch) => say(model, "epoch", [owner, epoch + 1]),
  })
  const line = timeline(clock, (epoch) => say(model, "flips", [owner, epoch + 1]))
  const root = h(
    "div",
    {class: "landscape"},
    stage,
    note,
    h("div", {class: "below"}, h("div", {class: "line"}, legend, tools), line.element),
  )

  // --- ground that is looked at from near

  /** Asks for the ground in finer cells where it is looked at from near, once it stands still. */
  function refine() {
    clearTimeout(refining)
    if (camera.zoom < NEAR || !clock.stands) return
    refining = setTimeout(() => {
      const low = toMap([0, size[1]]),
        high = toMap([size[0], 0]),
        key = [owner, clock.epoch, ...low, ...high].join()
      if (key === asked) return
      asked = key
      say(model, "refine", {owner, epoch: clock.epoch + 1, low, high})
    }, LOOKED)
  }

  function refined() {
    const {owner: of, epoch, box, side: cells} = model.fine,
      bytes = new Uint8Array(model.fine_cells),
      count = cells * cells
    fine =
      of && bytes.length === 2 * count
        ? {
            of: `${of} ${epoch}`,
            box,
            side: cells,
            decided: bytes.subarray(0, count),
            margin: bytes.subarray(count),
          }
        : null
    draw()
  }

  // --- where a point is seen

  const ratio = () => window.devicePixelRatio || 1
  const side = () => Math.max(1, Math.min(...size) - 8) * camera.zoom
  const wide = () => Math.max(journey.frame[2] - journey.frame[0], journey.frame[3] - journey.frame[1]) || 1
  const middle = () => [(journey.frame[0] + journey.frame[2]) / 2, (journey.frame[1] + journey.frame[3]) / 2]
  const toScreen = ([x, y]) => [
    size[0] / 2 + ((x - middle()[0]) / wide() - camera.x) * side(),
    size[1] / 2 - ((y - middle()[1]) / wide() - camera.y) * side(),
  ]
  const toMap = ([left, top]) => [
    middle()[0] + ((left - size[0] / 2) / side() + camera.x) * wide(),
    middle()[1] - ((top - size[1] / 2) / side() - camera.y) * wide(),
  ]
  const local = (event) => {
    const {left, top} = stage.getBoundingClientRect()
    return [event.clientX - left, event.clientY - top]
  }
  const held = (event) => ({shift: event.shiftKey, ctrl: event.ctrlKey || event.metaKey})
  const shown = (point) => (point < journey.training ? wanted.training : wanted.test)
  const seen = (point) => shown(point) && !(wanted.isolate && selected && !selected[point])
  const seenAt = (point) => {
    const at = journey.place(point, clock.time)
    return at && toScreen(at)
  }
  const around = () => (wanted.around?.epoch === clock.time && !clock.moving ? wanted.around : null) // of the epoch that stands

  // --- what is painted

  const draw = () => {
    if (!pending)
      pending = requestAnimationFrame((now) => {
        pending = 0
        frame(now)
      })
  }

  function load() {
    const found = model.travel.owner ? Journey.of(model) : null
    if (!found) return
    const same = found.owner === owner
    wanted = model.look
    journey = found
    owner = found.owner
    stage.setAttribute(
      "aria-label",
      `The map of ${journey.points.toLocaleString("en")} images, epoch by epoch. Left and right change the epoch, the space bar plays, plus and minus zoom, 0 shows all. Shift and arrow keys move a cursor, Enter studies the nearest image, L sets the corners of a lasso`,
    )
    fill(
      names,
      journey.names.map(({text, color: edge}) => h("span", {style: `border-color:${edge}`}, text)),
    )
    if (!same) walk.forget()
    if (!same) {
      camera = {zoom: 1, x: 0, y: 0}
      clock.begin(wanted.epoch)
    }
    clock.lead(wanted.epoch, wanted.follows)
    dress()
    line.load(journey, model.flips)
  }

  function dress() {
    const dark = document.documentElement.dataset.dvTheme === "dark",
      ground = rgb(color("surface"))
    look = {dark, ground, edge: dark ? rgb("#E9ECF3") : ground, doubted: wanted.trust}
    look.hatching = hatching(over.getContext("2d"), color("quiet"), ratio())
    if (!journey) return
    journey.pictures.clear()
    const across = side() / camera.zoom,
      radius =
        Math.max(1.3, Math.min(4.5, (0.42 * across) / Math.sqrt(journey.points))) *
        ratio() *
        Math.min(2, Math.sqrt(camera.zoom))
    stamps = new Stamps([...journey.colors, color("quiet")], ground, radius)
  }

  function frame(now) {
    if (!journey) load()
    if (!journey || !size[0] || !size[1]) return
    clock.tick(now)
    const [width, height] = size.map((length) => Math.round(length * ratio()))
    for (const canvas of [scene, dots, above])
      if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height]
    paintScene()
    paintDots()
    paintAbove()
    annotate()
    line.show()
    refine()
    stage.dataset.time = clock.time
    stage.dataset.frames = Number(stage.dataset.frames ?? 0) + 1
    clock.say()
  }

  function paintScene() {
    const context = scene.getContext("2d"),
      {before, after, share} = journey.at(clock.time)
    context.setTransform(ratio(), 0, 0, ratio(), 0, 0)
    context.clearRect(0, 0, ...size)
    context.globalCompositeOperation = "lighter" // two that stand for one half each are one whole
    for (const [epoch, weight] of share
      ? [
          [before, 1 - share],
          [after, share],
        ]
      : [[before, 1]]) {
      context.globalAlpha = weight
      context.drawImage(journey.picture(epoch, look), ...placed(journey.boxes[epoch], journey.side))
    }
    context.globalAlpha = 1
    context.globalCompositeOperation = "source-over"
    if (!share && !look.doubted && fine?.of === `${owner} ${before + 1}`) {
      // of what is doubtful, nothing is known finer
      if (fine.look !== look)
        [fine.look, fine.canvas] = [look, scenery(fine.decided, fine.margin, fine.side, journey.colors, look)]
      context.drawImage(fine.canvas, ...placed(fine.box, fine.side))
    }
    stage.dataset.fine = String(Boolean(!share && !look.doubted && fine?.of === `${owner} ${before + 1}`))
    if (look.doubted)
      hatch(
        context,
        share
          ? [
              [before, 1 - share],
              [after, share],
            ]
          : [[before, 1]],
      )
  }

  /** Lines over what is doubtful: as thin on any screen, however near the map is. */
  function hatch(context, epochs) {
    const {width, height} = scene,
      lines = over.getContext("2d")
    if (over.width !== width || over.height !== height) [over.width, over.height] = [width, height]
    lines.globalCompositeOperation = "source-over"
    lines.clearRect(0, 0, width, height)
    lines.setTransform(ratio(), 0, 0, ratio(), 0, 0)
    for (const [epoch, weight] of epochs) {
      lines.globalAlpha = weight
      lines.drawImage(journey.doubt(epoch), ...placed(journey.boxes[epoch], journey.side))
    }
    lines.setTransform(1, 0, 0, 1, 0, 0)
    lines.globalAlpha = 1
    lines.globalCompositeOperation = "source-in"
    lines.fillStyle = look.hatching
    lines.fillRect(0, 0, width, height)
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.drawImage(over, 0, 0)
  }

  /** Where cells are seen between whose centers a box lies, `cells` on each side: left, top, width, height. */
  function placed([left, bottom, right, top], cells) {
    const [x, y] = [(right - left) / (cells - 1) / 2, (top - bottom) / (cells - 1) / 2]
    const from = toScreen([left - x, top + y]),
      to = toScreen([right + x, bottom - y])
    return [...from, to[0] - from[0], to[1] - from[1]]
  }

  function paintDots() {
    const context = dots.getContext("2d"),
      {width, height} = dots
    if (image?.width !== width || image.height !== height) image = context.createImageData(width, height)
    const pixels = new Uint32Array(image.data.buffer),
      {before, after, share} = journey.at(clock.time)
    const {position, answer, kept, label, points, placed, training, span} = journey,
      {trust} = wanted
    const [sx, sy] = toScreen([span[0], span[1]]),
      [ex, ey] = toScreen([span[2], span[3]]),
      scale = ratio()
    const kx = ((ex - sx) * scale) / (NOWHERE - 1),
      ky = ((ey - sy) * scale) / (NOWHERE - 1)
    const nearer = share < 0.5 ? before : after
    pixels.fill(0)

    function put(point, kind, own, said) {
      const from = 2 * (before * placed + point),
        to = 2 * (after * placed + point)
      if (position[from] === NOWHERE || position[to] === NOWHERE) return
      const x = sx * scale + kx * (position[from] + (position[to] - position[from]) * share)
      const y = sy * scale + ky * (position[from + 1] + (position[to + 1] - position[from + 1]) * share)
      stamp(pixels, width, height, Math.round(x), Math.round(y), stamps.get(kind, own, said))
    }

    function mark(point, large) {
      const said = answer[nearer * points + point],
        wrong = said & 128
      let kind = (point < training ? SMALL : 0) | (wrong ? WRONG : 0)
      if (large) kind |= LARGE
      else if (selected) kind |= FADED
      if (trust && kept[nearer * points + point] < SOLID)
        kind |= kept[nearer * points + point] < DOUBTFUL ? HOLLOW : PALE
      put(point, kind, label[point], wrong ? said & 127 : label[point])
    }

    if (wanted.boundary)
      for (let point = points; point < placed; point++)
        put(point, SMALL, journey.colors.length, journey.colors.length)
    for (const wrong of [0, 128])
      for (let point = 0; point < points; point++) {
        // what is wrong lies above
        if ((answer[nearer * points + point] & 128) === wrong && seen(point) && !selected?.[point])
          mark(point, false)
      }
    if (selected)
      for (let point = 0; point < points; point++) if (selected[point] && shown(point)) mark(point, true)
    context.putImageData(image, 0, 0)
  }

  function paintAbove() {
    const context = above.getContext("2d"),
      focus = wanted.focus,
      hover = pointed ?? (model.ringed < 0 ? null : model.ringed)
    const single = [hover, focus].filter((point) => point !== null && point !== undefined)
    context.setTransform(ratio(), 0, 0, ratio(), 0, 0)
    context.clearRect(0, 0, ...size)
    const [ink, ground] = [color("ink"), color("surface")]
    if (wanted.trails) paintTrails(context, journey, clock.time, single, selected, toScreen, ground)
    if (around() && typeof focus === "number") paintAround(context, around(), focus, seenAt, [ink, ground])
    for (const [point, radius, wide] of [
      [hover, 6, 2],
      [focus, 8, 3],
    ]) {
      const at = point === null || point === undefined ? null : journey.place(point, clock.time)
      if (!at) continue
      const [x, y] = toScreen(at)
      for (const [stroke, width] of [
        [ground, wide + 2.5],
        [ink, wide],
      ]) {
        context.beginPath()
        context.arc(x, y, radius, 0, 2 * Math.PI)
        context.strokeStyle = stroke
        context.lineWidth = width
        context.stroke()
      }
    }
    walk.paint(context, ground, color("accent"))
  }

  function annotate() {
    const {before, after, share} = journey.at(clock.time),
      placed = []
    journey.names.forEach(({text, at}, index) => {
      const element = names.children[index],
        [x, y] = toScreen([0, 1].map((k) => at[before][k] + (at[after][k] - at[before][k]) * share))
      const broad = 7 * text.length + 12
      const down = [0, 1, -1, 2, -2].find((by) =>
        placed.every(
          (other) =>
            Math.abs(other.x - x) >= (other.broad + broad) / 2 || Math.abs(other.y - y - by * LINE) >= LINE,
        ),
      )
      element.hidden =
        down === undefined || x < 0 || x > size[0] || y < 0 || y > size[1] || !Number.isFinite(x)
      if (element.hidden) return
      placed.push({x, y: y + down * LINE, broad})
      element.style.translate = `${Math.max(broad / 2, Math.min(size[0] - broad / 2, x))}px ${y + down * LINE}px`
    })
    showTip()
    const over = selected && wanted.trails && wanted.chosen > TRAILS
    note.textContent = [
      over ? `Trails of ${TRAILS} of ${wanted.chosen.toLocaleString("en")}` : "",
      around()?.says,
    ]
      .filter(Boolean)
      .join(" · ")
    note.title = wanted.around ? AMONG : ""
  }

  function showTip() {
    const {point, number, lines, shape} = model.tip,
      at =
        pointed !== null && point === pointed && number === journey.number
          ? journey.place(point, clock.time)
          : null
    tip.hidden = !at
    walk.tell(at ? lines : pointed === null ? null : undefined)
    if (!at) return
    const [canvas, facts] = tip.children,
      key = `${number} ${point} ${lines.join()}`
    if (tip.dataset.key !== key && model.picture.byteLength === shape[0] * shape[1] * shape[2]) {
      tip.dataset.key = key
      const sheet = sheetOf(model.picture, shape, 1)
      ;[canvas.width, canvas.height] = [shape[1], shape[0]]
      canvas.getContext("2d").drawImage(sheet.canvas, 0, 0)
      fill(
        facts,
        lines.map((text, index) => h(index ? "p" : "strong", {}, text)),
      )
    }
    const [x, y] = toScreen(at),
      right = x + GAP + tip.offsetWidth < size[0],
      down = y + GAP + tip.offsetHeight < size[1]
    tip.style.translate = `${right ? x + GAP : x - GAP - tip.offsetWidth}px ${down ? y + GAP : Math.max(0, y - GAP - tip.offsetHeight)}px`
  }

  function explain() {
    const {training, test, boundary, trust} = wanted,
      item = (className, text, title) => h("span", {title}, h("i", {class: `dot ${className}`}), text)
    fill(
      legend,
      training ? item("small", "training", "Training images, in the color of their label") : null,
      test ? item("", "test", "Test images, in the color of their label") : null,
      training || test
        ? item(
            "wrong",
            "misclassified",
            "A ring in the color of the label around the color of the prediction",
          )
        : null,
      boundary
        ? item("border", "border", "Points that the classifier cannot decide, made for each epoch")
        : null,
      trust
        ? [
            item(
              "hollow",
              "0 of 15 nearest kept",
              "None of the 15 nearest in the features is among the 15 nearest here: where the point lies says nothing of its neighbors",
            ),
            item(
              "pale",
              "1–2 kept",
              "One or two of the 15 nearest in the features are among the 15 nearest here",
            ),
            h(
              "span",
              {
                title:
                  "No image of that class lies there, or what is decoded there is like no image, or it belongs elsewhere on the map",
              },
              h("i", {class: "hatched"}),
              "not to be believed",
            ),
          ]
        : null,
      wanted.neighbors ? aroundLegend() : null,
    )
  }

  // --- what a person does

  function nearest([left, top]) {
    const [x, y] = toMap([left, top]),
      reach = ((REACH / side()) * wide()) ** 2
    let best = reach,
      found = null
    for (let point = 0; point < journey.points; point++) {
      if (!seen(point)) continue
      const at = journey.place(point, clock.time)
      if (!at) continue
      const away = (at[0] - x) ** 2 + (at[1] - y) ** 2,
        rank = selected && !selected[point] ? away * 4 : away
      if (away < reach && rank < best) {
        best = rank
        found = point
      }
    }
    return found
  }

  function point(at) {
    clearTimeout(pointing)
    pointing = setTimeout(
      () => {
        if (!journey) return
        const found = at && !clock.moving ? nearest(at) : null
        const told = found === null ? null : [journey.number, found, clock.epoch + 1]
        if (String(told) === String(hovered)) return
        hovered = told
        pointed = found
        say(model, "hover", told)
        draw()
      },
      at ? WAIT : 0,
    )
  }

  const drag = dragging(stage, outline, {
    local,
    begins: () => {
      if (journey && tool === "lasso" && clock.moving) clock.stop(clock.epoch)
      return Boolean(journey)
    },
    draws: () => tool === "lasso",
    point,
    shift: (dx, dy) => {
      camera.x -= dx / side()
      camera.y += dy / side()
      draw()
    },
    pick,
    lasso: (drawn, event) => circle(drawn.map(toMap), event),
  })

  function pick(at, event) {
    const found = nearest(at)
    if (found !== null) say(model, "pick", {number: journey.number, point: found, ...held(event)})
  }

  function circle(corners, event) {
    say(model, "lasso", {
      owner,
      epoch: clock.epoch + 1,
      x: corners.map(([x]) => x),
      y: corners.map(([, y]) => y),
      ...held(event),
    })
  }

  const walk = walking(stage, outline, {
    begins: () =>
      (typeof wanted.focus === "number" ? seenAt(wanted.focus) : null) ?? size.map((length) => length / 2),
    stands: () => (clock.moving ? null : clock.time),
    point,
    pick,
    toScreen,
    toMap,
    draw,
    size: () => size,
    lasso: (corners, event) => {
      if (clock.moving) clock.stop()
      circle(corners, event)
    },
  })
  stage.append(walk.told)

  function approach(factor, at = [size[0] / 2, size[1] / 2]) {
    if (!journey) return
    const before = toMap(at)
    camera.zoom = Math.max(1, Math.min(NEAREST, camera.zoom * factor))
    const after = toMap(at)
    camera.x += (before[0] - after[0]) / wide()
    camera.y += (before[1] - after[1]) / wide()
    if (camera.zoom === 1) camera.x = camera.y = 0
    dress()
    draw()
  }

  function key(event) {
    if (journey && walk.key(event)) {
      event.preventDefault()
      event.stopPropagation()
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.composedPath()[0].matches?.("select")) return
    const button = event.composedPath()[0].matches?.("button"),
      epochs = journey?.epochs ?? 1
    if (event.key === "Escape" && drag.drawing) drag.stop()
    else if (event.key === "ArrowLeft" || event.key === "PageDown") clock.go(Math.ceil(clock.time) - 1)
    else if (event.key === "ArrowRight" || event.key === "PageUp") clock.go(Math.floor(clock.time) + 1)
    else if (event.key === "Home") clock.go(0)
    else if (event.key === "End") clock.go(epochs - 1)
    else if (event.key === " " && !button) clock.toggle()
    else if (event.key === "+" || event.key === "=") approach(KEY_ZOOM, walk.at)
    else if (event.key === "-") approach(1 / KEY_ZOOM, walk.at)
    else if (event.key === "0") approach(0)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  function choose(chosen) {
    tool = chosen
    stage.classList.toggle("lassoing", tool === "lasso")
    fill(
      tools,
      segmented("What a drag does", TOOLS, tool, choose),
      iconButton("Show all (0)", RESET, {class: "plain", click: () => approach(0)}),
    )
  }

  function reload() {
    journey = null
    draw()
  }

  function relook() {
    wanted = model.look
    if (journey) clock.lead(wanted.epoch, wanted.follows)
    if (look && look.doubted !== wanted.trust) dress()
    explain()
    draw()
  }

  function choice() {
    const found = bytes(model.selected)
    selected = found.length ? found : null
    draw()
  }

  root.addEventListener("keydown", key)
  stage.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault()
      approach(Math.exp(-event.deltaY / (event.deltaMode ? 30 : 600)), local(event))
    },
    {passive: false},
  )
  const resized = new ResizeObserver(() => {
    size = [stage.clientWidth, stage.clientHeight]
    dress()
    draw()
  })
  resized.observe(stage)
  followTheme(model, () => {
    dress()
    draw()
  })
  model.on("remove", () => {
    clock.end()
    resized.disconnect()
    clearTimeout(pointing)
    clearTimeout(refining)
    cancelAnimationFrame(pending)
  })
  model.on(["travel", "position", "answer", "kept", "cells", "label"], reload)
  model.on("look", relook)
  model.on("selected", choice)
  model.on("flips", () => {
    if (journey) line.count(model.flips)
  })
  model.on(["tip", "picture", "ringed"], draw)
  model.on(["fine", "fine_cells"], refined)
  choose(tool)
  explain()
  choice()
  return root
}
