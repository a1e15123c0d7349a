// The map of every epoch, and what the classifier decides there: it plays from one to the next.

import {values} from "../../../kit/bytes.js"
import {cursor as cursorOn} from "../../../kit/points/cursor.js"
import {FlatCamera} from "../../../kit/points/flat_camera.js"
import {Hand, listen} from "../../../kit/points/hand.js"
import {labels} from "../../../kit/points/moving.js"
import {nearest} from "../../../kit/points/nearest.js"
import {rgb} from "../../../kit/points/sheet.js"
import {Stage} from "../../../kit/points/stage.js"
import {tipOn} from "../../../kit/points/tip.js"
import {tools} from "../../../kit/points/tools.js"
import {color} from "../../../kit/theme.js"
import {render as draw, h} from "../../../vendor/preact/preact.mjs"
import {paintAround} from "./around.js"
import {Clock} from "./clock.js"
import {Dots} from "./dots.js"
import {Ground} from "./ground.js"
import {Journey} from "./journey.js"
import {timeline} from "./timeline.js"
import {paintTrails, TRAILS} from "./trails.js"

const MARGIN = 4 // CSS pixels around the frame
const TOOLS = [
  ["lasso", "Lasso", "Drag around test images to select them"],
  ["move", "Move", "Drag moves the map; the wheel zooms"],
]

export function render({model}) {
  const root = document.createElement("div")
  root.className = "mount"
  let [journey, owner, tool, selected, look] = [null, "", "lasso", null, null]
  let drawn = "" // of what lies around the stage; empty: something else is to be drawn there
  let wanted = model.look // asked of the model once: each asking costs microseconds, and there are 20,000 points

  const stage = new Stage(model, {below: 2, above: 1, paint, dress: () => (look = null)})
  const camera = new FlatCamera(stage, MARGIN)
  const clock = new Clock({
    epochs: () => journey?.epochs ?? 0,
    draw: stage.draw,
    tell: (epoch) => hand.say("epoch", [owner, epoch + 1]),
  })
  const hand = new Hand(model, stage, camera, {
    number: () => journey.number,
    nearest: near,
    where() {
      if (clock.moving) clock.stop()
      return {owner, epoch: clock.epoch + 1}
    },
    about: () => [clock.epoch + 1],
    stands: () => journey && !clock.moving,
    begins() {
      if (journey && tool === "lasso" && clock.moving) clock.stop(clock.epoch)
      return journey
    },
    draws: () => tool === "lasso",
  })
  const cursor = cursorOn(stage, camera, hand, {
    begins: () => journey.spot(model.focus),
    moment: () => (clock.moving ? null : clock.time),
    shifted: true,
  })
  const [dots, ground, tip] = [new Dots(stage), new Ground(model, stage, camera), tipOn(stage)]
  const line = timeline(clock, (epoch) => hand.say("flips", [owner, epoch + 1]))

  const shown = (point) => (point < journey.training ? wanted.training : wanted.test)
  const shows = (point) => shown(point) && !(wanted.isolate && selected && !selected[point])
  const rank = (away, point) => (!shows(point) ? Infinity : selected?.[point] === 0 ? 4 * away : away)
  function near(at) {
    return journey && nearest(journey.images, at, rank)
  }

  function load() {
    const found = Journey.of(model)
    if (!found) return
    const images = found.points.toLocaleString("en")
    stage.element.ariaLabel = `The map of ${images} images, epoch by epoch. Left and right change the epoch, the space bar plays, plus and minus zoom, 0 shows all. Shift and arrow keys move a cursor, Enter studies the nearest image, L sets the corners of a lasso`
    journey = found
    stage.name(journey.names)
    camera.fit(journey.frame)
    if (found.owner !== owner) {
      owner = found.owner
      cursor.forget()
      camera.reset()
      clock.begin(wanted.epoch)
    }
    clock.lead(wanted.epoch, wanted.follows)
  }

  // --- what is painted

  function dressed() {
    const dark = document.documentElement.dataset.dvTheme === "dark"
    const [ink, surface, quiet] = ["ink", "surface", "quiet"].map(color)
    const edge = dark ? "#E9ECF3" : surface
    return {dark, ink, surface, quiet, ground: rgb(surface), edge: rgb(edge), doubted: wanted.trust}
  }

  function paint(now) {
    if (!journey) load()
    if (!journey) return
    clock.tick(now)
    look ??= dressed()
    const moment = journey.at(clock.time)
    const nearer = moment.share < 0.5 ? moment.before : moment.after
    const hover = hand.pointed ?? model.ringed
    journey.project(moment, camera)
    ground.paint(journey, moment, look)
    dots.paint(journey, nearer, {wanted, selected, shows, look, zoom: camera.zoom})
    paintAbove([hover, model.focus])
    stage.spread(labels(journey.names, moment, camera))
    stage.ring(journey.spot(hover), journey.spot(model.focus))
    const facts = hand.facts(model.tip)
    tip(facts ? journey.spot(hand.pointed) : null, model)
    cursor.paint()
    cursor.tell(facts)
    const key = String([clock.epoch, clock.playing, Boolean(around())])
    if (key !== drawn) chrome()
    drawn = key
    line.show(root.querySelector(".hand"))
    const {dataset} = stage.element
    dataset.time = String(clock.time)
    dataset.frames = String(Number(dataset.frames ?? 0) + 1)
    const ask = (box) => hand.say("refine", {owner, epoch: clock.epoch + 1, ...box})
    ground.refine(ask, clock.stands ? `${owner} ${clock.epoch}` : null)
    clock.say()
  }

  const around = () => (wanted.around?.epoch === clock.time && !clock.moving ? wanted.around : null) // of what stands

  function paintAbove(single) {
    const context = stage.cleared(stage.canvases[2])
    const points = single.filter((point) => point >= 0)
    if (wanted.trails) paintTrails(context, journey, clock.time, points, selected, camera, look.surface)
    if (around()) paintAround(context, around(), model.focus, (point) => journey.spot(point), look)
  }

  const sign = ([look, text, title]) => h("span", {title}, h("i", {class: look}), text)

  function chrome() {
    const trails = selected && wanted.trails && wanted.chosen > TRAILS
    const note = [trails && `Trails of ${TRAILS} of ${wanted.chosen.toLocaleString("en")}`, around()?.says]
    draw(
      h(
        "div",
        {class: "landscape"},
        h("div", {class: "mount", ref: stage.mount}),
        h("p", {class: "quiet note", title: wanted.around?.hint ?? ""}, note.filter(Boolean).join(" · ")),
        h(
          "div",
          {class: "below"},
          h(
            "div",
            {class: "line"},
            h("div", {class: "legend quiet"}, wanted.legend?.map(sign)),
            tools(stage, TOOLS, tool, choose, ["Show all (0)", () => camera.reset()]),
          ),
          line.draw(journey, model.flips),
        ),
      ),
      root,
    )
  }

  // --- what a person does

  function choose(chosen) {
    tool = chosen
    chrome()
  }

  const KEYS = {
    ArrowLeft: () => clock.step(-1),
    PageDown: () => clock.step(-1),
    ArrowRight: () => clock.step(1),
    PageUp: () => clock.step(1),
    Home: () => clock.go(0),
    End: () => clock.go((journey?.epochs ?? 1) - 1),
    0: () => camera.reset(),
    " ": () => clock.toggle(),
  }
  listen(root, (event) => {
    const on = event.composedPath()[0]
    if (journey && cursor.key(event)) return true
    if (event.ctrlKey || event.metaKey || event.altKey || on.matches?.("select")) return false
    if (hand.key(event, cursor.spot())) return true
    if (!(event.key in KEYS) || (event.key === " " && on.matches?.("button"))) return false
    KEYS[event.key]()
    return true
  })

  function relook() {
    wanted = model.look
    if (journey) clock.lead(wanted.epoch, wanted.follows)
    if (look?.doubted !== wanted.trust) look = null
    renew()
  }

  function reload() {
    journey = null
    renew()
  }

  function choice() {
    selected = model.selected.byteLength ? values(model.selected, Uint8Array) : null
    renew()
  }

  function renew() {
    drawn = ""
    stage.draw()
  }

  model.on("remove", () => clock.end())
  model.on(["travel", "position", "answer", "kept", "cells", "label"], reload)
  model.on("look", relook)
  model.on("selected", choice)
  model.on("flips", renew)
  model.on(["tip", "focus", "ringed"], stage.draw)
  model.on(["fine", "fine_cells"], () => {
    ground.take(model.fine, model.fine_cells)
    stage.draw()
  })
  chrome()
  choice()
  return root
}
