// Points in three dimensions, which a drag turns, and a lasso takes as they are seen.

import {values} from "../../../kit/bytes.js"
import {Hand, listen} from "../../../kit/points/hand.js"
import {nearest} from "../../../kit/points/nearest.js"
import {mix, rgb} from "../../../kit/points/sheet.js"
import {Stage} from "../../../kit/points/stage.js"
import {tipOn} from "../../../kit/points/tip.js"
import {tools} from "../../../kit/points/tools.js"
import {color} from "../../../kit/theme.js"
import {render as draw, h} from "../../../vendor/preact/preact.mjs"
import {Camera, dot} from "./camera.js"
import {glPainter, plainPainter} from "./painters.js"

const TOOLS = [
  ["orbit", "Turn", "Drag turns the points; the wheel zooms"],
  ["lasso", "Lasso", "Drag around points, as you see them now"],
]
const KEY_TURN = Math.PI / 24
const TURNS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}
const LABEL = "Points in 3-D. Arrow keys turn, plus and minus zoom, Home shows all"

export function render({model}) {
  const root = document.createElement("div")
  root.className = "mount"
  let [painter, tool, owner, number, gone] = [null, "orbit", null, null, false]
  let [position, seen] = [new Float32Array(), new Float32Array()]
  let stale = {points: true, colors: true}

  const stage = new Stage(model, {label: LABEL, paint, dress: () => (stale.colors = true)})
  const camera = new Camera(stage)
  const tip = tipOn(stage)
  const hand = new Hand(model, stage, camera, {
    number: () => number,
    nearest: near,
    where: () => ({owner, view: camera.view(model.cloud.middle, model.cloud.radius)}),
    draws: () => tool === "lasso",
  })

  /** The point nearest to a spot, the foremost of those that are as near. */
  function near(at) {
    const rows = camera.rows()
    camera.project(rows, position, seen)
    const depth = (point) =>
      dot(rows.near, position[3 * point], position[3 * point + 1], position[3 * point + 2])
    return nearest(seen, at, (away, point) => away + 0.1 * (1 - depth(point)))
  }

  // --- what is painted

  function equip(make) {
    const canvas = document.createElement("canvas")
    canvas.addEventListener("webglcontextlost", () => {
      if (!gone) equip(plainPainter)
    })
    for (const old of stage.canvases) old.remove()
    stage.element.prepend(canvas)
    stage.canvases = [canvas]
    painter = make(canvas)
    stale = {points: true, colors: true}
    stage.draw()
    return painter
  }

  /** Whether all parts of what is to be painted are here. */
  function load() {
    const {cloud, position: points, shade} = model
    if (points.byteLength !== 12 * cloud.points || shade.byteLength !== cloud.points) return false
    if (stale.points) {
      position = values(points, Float32Array)
      seen = new Float32Array(2 * cloud.points)
      painter.load(position)
      if (cloud.owner !== owner) camera.reset()
      ;({owner, number} = cloud)
    }
    if (stale.colors) {
      painter.color(inks(cloud, values(shade, Uint8Array)))
      stage.name(cloud.names)
    }
    stale = {points: false, colors: false}
    return true
  }

  function inks({colors, front}, shade) {
    const quiet = mix(rgb(color("surface")), rgb(color("quiet")), 0.4)
    const palette = colors.map((text, index) => [...(text ? rgb(text) : quiet), front[index] ? 255 : 0])
    const found = new Uint8Array(4 * shade.length)
    for (let point = 0; point < shade.length; point++)
      found.set(palette[shade[point]] ?? [...quiet, 0], 4 * point)
    return found
  }

  function paint() {
    if (model.cloud.number === undefined || !load()) return
    const rows = camera.rows()
    const size = Math.max(2.2, Math.min(9, 460 / Math.sqrt(model.cloud.points))) * Math.sqrt(camera.zoom)
    painter.paint(rows, {size, ground: rgb(color("surface")), camera})
    spread(rows)
    const [hover, focus] = [model.marked.hover, model.marked.focus].map(
      (at) => at && camera.toScreen(rows, at),
    )
    stage.ring(hover, focus)
    tip(hand.facts(model.tip) ? hover : null, model)
    chrome()
  }

  /** Names stand at their points, the nearest first, and fainter the farther they are. */
  function spread(rows) {
    const spots = model.cloud.names.map(({at, text}, index) => {
      return {index, text, at: camera.toScreen(rows, at), near: dot(rows.near, ...at)}
    })
    stage.spread(spots.sort((first, second) => second.near - first.near))
    for (const {index, near} of spots)
      stage.names.children[index].style.opacity = 0.62 + 0.38 * Math.max(0, Math.min(1, near + 0.6))
  }

  function chrome() {
    const back = ["Show all, as at first", () => camera.reset()]
    const note = h("p", {class: "quiet note"}, model.cloud.note)
    const mount = h("div", {class: "mount", ref: stage.mount})
    draw(h("div", {class: "cloud"}, mount, tools(stage, TOOLS, tool, choose, back), note), root)
  }

  function choose(chosen) {
    tool = chosen
    chrome()
  }

  listen(stage.element, (event) => {
    if (hand.key(event)) return true
    if (event.ctrlKey || event.metaKey || event.altKey) return false
    if (event.key === "Home") camera.reset()
    else if (event.key in TURNS) camera.turn(...TURNS[event.key].map((by) => by * KEY_TURN))
    else return false
    return true
  })

  function renew(parts) {
    stale = {...stale, ...parts}
    stage.draw()
  }

  model.on("remove", () => {
    gone = true
    painter.free?.()
  })
  model.on("cloud", () => renew({points: model.cloud.number !== number || stale.points, colors: true}))
  model.on("position", () => renew({points: true}))
  model.on("shade", () => renew({colors: true}))
  model.on(["marked", "tip"], stage.draw)
  equip(glPainter) ?? equip(plainPainter)
  chrome()
  return root
}
