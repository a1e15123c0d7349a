// Where images lie in a layer: the map slides from one layer to the next.

import {values} from "../../../kit/bytes.js"
import {IconButton} from "../../../kit/icon.js"
import {cursor as cursorOn} from "../../../kit/points/cursor.js"
import {FlatCamera} from "../../../kit/points/flat_camera.js"
import {Hand, listen} from "../../../kit/points/hand.js"
import {labels, Moving} from "../../../kit/points/moving.js"
import {nearest} from "../../../kit/points/nearest.js"
import {disc, mix, rgb, Sheet} from "../../../kit/points/sheet.js"
import {Stage} from "../../../kit/points/stage.js"
import {color} from "../../../kit/theme.js"
import {render as draw, h} from "../../../vendor/preact/preact.mjs"
import {Slide} from "./slide.js"

const MARGIN = 12 // CSS pixels around the frame
const FADED = 0.16 // of a point that is not selected
const [PLAY, PAUSE] = ["M5 3l8 5-8 5z", "M5 3v10M11 3v10"]

export function render({model}) {
  const root = document.createElement("div")
  root.className = "mount"
  const sheet = new Sheet()
  let [points, group, selected, stamps, frame] = [null, null, null, null, ""]

  const stage = new Stage(model, {below: 1, paint, dress: () => (stamps = null)})
  const camera = new FlatCamera(stage, MARGIN)
  const slide = new Slide({
    tell: (column) => hand.say("layer", model.shown.columns[column]),
    leaves: () => cursor.drop(), // its corners are in the other map
    draw: stage.draw,
  })
  const hand = new Hand(model, stage, camera, {
    number: () => model.shown.number,
    nearest: near,
    where: () => ({column: model.shown.columns[slide.after]}),
    stands: () => points && slide.stands !== null,
    begins: () => {
      slide.walk(false)
      return points && slide.stands !== null
    },
  })
  const cursor = cursorOn(stage, camera, hand, {
    begins: () => points?.spot(model.focus),
    moment: () => (points ? slide.stands : null),
  })

  function near(at) {
    return points && nearest(points.seen, at, (away, point) => (selected?.[point] === 0 ? 4 * away : away))
  }

  function load() {
    const {columns, points: count, names, of, span, frame: seen} = model.shown
    if (!columns || model.position.byteLength !== 4 * columns.length * count) return
    points = new Moving(model.position, count, span)
    group = values(model.group, Uint8Array)
    stamps = null
    stage.element.ariaLabel = `The map of ${number(of)} images in each layer. A drag selects, a click studies the nearest image. Arrow keys move a cursor, Enter studies the nearest image, L sets the corners of a lasso, plus and minus zoom, Home shows the frame; Page Up and Page Down slide to the next layer, the space bar walks through them, Escape stops`
    stage.name(names)
    camera.fit(seen, span)
    slide.begin(columns.length, model.at)
    cursor.drop()
    if (frame !== String(seen)) {
      frame = String(seen)
      camera.reset()
      cursor.forget()
    } // another run
    stage.draw()
  }

  // --- what is painted

  function paint(now) {
    if (!points) return
    slide.tick(now)
    points.project(slide, camera)
    paintPoints()
    stage.spread(labels(model.shown.names, slide, camera))
    stage.names.style.opacity = selected ? "0.6" : "1" // what is selected is seen through them
    stage.ring(points.spot(hand.pointed ?? model.ringed), points.spot(model.focus))
    cursor.paint()
    cursor.tell(hand.facts(model.tip))
    chrome()
    stage.element.dataset.column = slide.stands === null ? "" : model.shown.columns[slide.after]
  }

  /** Those that are selected lie over the others, and are larger. */
  function paintPoints() {
    const {seen, count} = points
    const side = 0.3 * Math.min(...stage.size) * Math.max(1, camera.zoom)
    const radius = Math.max(1, Math.round(stage.ratio * Math.max(1, Math.min(3, side / Math.sqrt(count)))))
    if (stamps?.radius !== radius) stamps = {radius, of: model.shown.colors.map((ink) => made(ink, radius))}
    const all = stamps.of.map(({full, faded}) => (selected ? faded : full))
    sheet.begin(stage.canvases[0], stage.ratio)
    for (let point = 0; point < count; point++)
      if (!selected?.[point]) sheet.put(seen[2 * point], seen[2 * point + 1], all[group[point]])
    for (let point = 0; selected && point < count; point++)
      if (selected[point]) sheet.put(seen[2 * point], seen[2 * point + 1], stamps.of[group[point]].large)
    sheet.end()
  }

  function made(ink, radius) {
    const full = rgb(ink || color("quiet"))
    const faded = mix(rgb(color("surface")), full, FADED)
    return {
      full: disc(radius + 0.45, full),
      faded: disc(radius + 0.45, faded),
      large: disc(radius + 1.45, full),
    }
  }

  // --- what lies around it

  let [outside, drawn] = [0, ""] // outside: images that are out of sight; while it slides, that were

  function chrome() {
    if (points && slide.stands !== null) outside = count(points.seen, stage.size)
    const key = String([slide.after, slide.walking, outside, camera.widest, model.shown.number])
    if (key !== drawn) draw(content(model.shown), root)
    drawn = key
  }

  function content({columns = [], told = [], points: drawing, of}) {
    const [at, layer] = [slide.after, columns[slide.after]]
    const some = drawing < of ? ` · ${number(drawing)} of ${number(of)} images are drawn` : ""
    const [label, path] = slide.walking
      ? ["Stop the walk (Esc)", PAUSE]
      : ["Walk through the layers (space)", PLAY]
    const choose = ({target}) => {
      slide.walk(false)
      slide.go(Number(target.value))
    }
    const range = {type: "range", min: 0, max: Math.max(0, columns.length - 1), value: at, onInput: choose}
    const walk = {
      label,
      path,
      "aria-pressed": String(slide.walking),
      onClick: () => slide.walk(!slide.walking),
    }
    return h(
      "div",
      {class: "root"},
      h("div", {class: "field"}, h("div", {class: "mount", ref: stage.mount}), beyond()),
      h("p", {class: "told quiet"}, (told[at] ?? "") + some),
      h(
        "div",
        {class: "steps"},
        h(IconButton, walk),
        h("input", {...range, "aria-label": "Layer of the map", "aria-valuetext": layer}),
        h("span", {class: "layer", "aria-hidden": "true"}, layer),
      ),
    )
  }

  /** How many images are not in sight, which a click shows. */
  function beyond() {
    if (!outside && !camera.widest) return null
    const images = `${number(outside)} ${outside === 1 ? "image" : "images"} beyond the frame`
    const show = {title: "Show them: the wheel, plus and minus zoom, too"}
    const hide = {title: "Where most images lie"}
    const onClick = () => (camera.widest ? camera.reset() : camera.widen())
    const look = {type: "button", class: "chip beyond", onClick, ...(outside ? show : hide)}
    return h("button", look, outside ? images : "back to the frame")
  }

  listen(root, (event) => {
    const on = event.composedPath()[0]
    if (!points || event.altKey) return false
    if (event.key === "Escape" && slide.walking) slide.walk(false)
    else if (cursor.key(event)) return true
    else if (event.ctrlKey || event.metaKey) return false
    else if (event.key === "PageUp" || event.key === "PageDown") slide.step(event.key === "PageUp" ? -1 : 1)
    else if (event.key === " " && !on.matches?.("button")) slide.walk(!slide.walking)
    else if (on !== stage.element) return false
    else if (event.key === "Home") camera.reset()
    else return hand.key(event, cursor.spot())
    return true
  })

  function choice() {
    selected = model.selected.byteLength ? values(model.selected, Uint8Array) : null
    stage.draw()
  }

  model.on("remove", () => slide.end())
  model.on(["shown", "position", "group"], load)
  model.on("at", () => slide.follow(model.at))
  model.on("selected", choice)
  model.on(["focus", "ringed", "tip"], stage.draw)
  chrome()
  choice()
  load()
  return root
}

const number = (value) => value.toLocaleString("en")

/** How many spots are out of sight. */
function count(spots, [width, height]) {
  let found = 0
  for (let k = 0; k < spots.length; k += 2)
    if (spots[k] < 0 || spots[k + 1] < 0 || spots[k] > width || spots[k + 1] > height) found++
  return found
}
