// A playground: networks that learn two classes of points in a plane, in this browser alone.

import {color, useTheme} from "../../kit/theme.js"
import {useEffect, useRef, useState} from "../../vendor/preact/hooks.mjs"
import {render as draw, h} from "../../vendor/preact/preact.mjs"
import {alarms} from "./alarms.js"
import {Controls} from "./controls.js"
import {Fields, paint, palette} from "./fields.js"
import {Losses} from "./losses.js"
import {Network} from "./network.js"
import {EDGE} from "./points.js"
import {EPOCH, Training} from "./training.js"

const SMALL = 50 // places along a side of a unit's picture
const LARGE = 100 // of the output's

export function render({model}) {
  const root = document.createElement("div")
  root.className = "playground"
  const sent = new Set() // what comes back of them is what we have
  let settings = model.settings
  const change = (values) => {
    settings = {...settings, ...values}
    sent.add(JSON.stringify(settings))
    show()
    say("change", values)
  }
  const say = (action, value = null) => model.send_msg({action, value})
  const show = () =>
    draw(h(Playground, {settings, change, say, kept: model.kept, rules: model.rules, root}), root)
  model.on("kept", () => show())
  model.on("settings", () => {
    if (sent.delete(JSON.stringify(model.settings))) return
    sent.clear()
    settings = model.settings
    show()
  })
  show()
  return root
}

function Playground({settings, change, say, kept, rules, root}) {
  const [playing, play] = useState(false)
  const [, redraw] = useState(0)
  const [seen, see] = useState(null) // [layer, unit] whose picture stands in the place of the output's
  const training = useRef(null)
  const from = JSON.stringify(settings)
  useTheme()
  if (training.current?.from !== from) training.current = begin(settings, from)
  const {learning, fields} = training.current

  useEffect(() => {
    if (!playing) return
    let frame = 0
    const go = () => {
      if (root.checkVisibility()) {
        learning.pass()
        redraw((count) => count + 1)
      }
      frame = requestAnimationFrame(go)
    }
    frame = requestAnimationFrame(go)
    return () => cancelAnimationFrame(frame)
  }, [playing, learning, root])

  const colors = palette(
    ...["class-b", "surface", "class-a"].map((name) => bytes(SHADES[name] ?? color(name))),
  )
  const [first] = learning.lanes
  const pictures = fields.small.of(first.net)
  const output = seen ? fields.large.of(first.net)[seen[0]]?.[seen[1]] : null
  const reset = () => {
    training.current = null
    redraw((count) => count + 1)
  }
  const step = () => {
    learning.pass()
    redraw((count) => count + 1)
  }
  return [
    h(Controls, {
      ...{settings, change, playing, play, step, reset, kept, passes: learning.passes},
      keep: () => say("keep", learning.record()),
    }),
    h(
      "div",
      {class: "said"},
      h(Alarms, {lane: first, rules}),
      h(
        "p",
        {role: "status"},
        kept.says,
        kept.run && h("button", {type: "button", class: "plain-text", onClick: () => say("open")}, "Open it"),
      ),
    ),
    h(
      "div",
      {class: "stage"},
      h(Network, {settings, change, pictures, net: first.net, colors, seen, see}),
      h(
        "section",
        {class: "answer", "aria-label": "Output"},
        h("h2", {class: "title"}, seen ? `Unit ${seen[1] + 1} of layer ${seen[0]}` : "Output"),
        h(Plane, {
          values: output ?? fields.large.of(first.net).at(-1)[0],
          colors,
          points: learning.points,
          soft: !seen,
        }),
        h("p", {class: "quiet"}, describe(first)),
        h(Losses, {lanes: learning.lanes}),
      ),
      learning.lanes.length > 1 ? h(Race, {lanes: learning.lanes, fields: fields.small, colors}) : null,
    ),
  ]
}

/** What rings in a training, as the page Training says it. */
function Alarms({lane, rules}) {
  const thresholds = Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, rule.threshold]))
  const rung = alarms(lane.facts, thresholds)
  const epochs = lane.facts.trainingLoss.length
  const words = ({rule, epoch}) => [
    h("strong", {}, rules[rule].title),
    ` since pass ${epoch * EPOCH}. `,
    h("span", {class: "quiet"}, rules[rule].advice),
  ]
  const none = epochs ? `No alarm in ${epochs * EPOCH} passes` : `Alarms look after ${EPOCH} passes`
  return h(
    "ul",
    {class: "alarms", "aria-label": "Alarms"},
    rung.length
      ? rung.map((alarm) => h("li", {key: alarm.rule}, words(alarm)))
      : h("li", {class: "quiet"}, none),
  )
}

const SHADES = {"class-a": "#1462a0", "class-b": "#c95b14"}

function begin(settings, from) {
  const learning = new Training(settings)
  const fields = {small: new Fields(learning.inputs, SMALL), large: new Fields(learning.inputs, LARGE)}
  return {from, learning, fields}
}

/** A picture of the plane, with the points on it: training points filled, test points as rings. */
function Plane({values, colors, points, soft}) {
  const canvas = useRef(null)
  useEffect(() => paint(canvas.current, values, colors, 1, soft))
  const place = ([x, y]) => [((x + EDGE) / (2 * EDGE)) * 300, ((EDGE - y) / (2 * EDGE)) * 300]
  const dot = (half) => (point) => {
    const [cx, cy] = place(point)
    return h("circle", {cx, cy, r: 2.6, class: `${half} class-${point[2]}`})
  }
  return h(
    "div",
    {class: "plane"},
    h("canvas", {
      ref: canvas,
      role: "img",
      "aria-label": "What the network answers for every place of the plane",
    }),
    h(
      "svg",
      {viewBox: "0 0 300 300", "aria-hidden": "true"},
      points.training.map(dot("training")),
      points.test.map(dot("test")),
    ),
  )
}

/** A piece of a network's line among the losses. */
function Sample({number}) {
  const path = h("path", {class: `test lane-${number}`, d: "M0,4L32,4"})
  return h("svg", {width: 32, height: 8, "aria-hidden": "true"}, path)
}

function Race({lanes, fields, colors}) {
  return h(
    "section",
    {class: "race", "aria-label": "Race"},
    lanes.map((lane, number) => {
      const last = fields.of(lane.net).at(-1)[0]
      return h(
        "figure",
        {key: lane.name},
        h(Small, {values: last, colors}),
        h("figcaption", {}, h("b", {}, lane.name), h(Sample, {number}), h("br"), describe(lane)),
      )
    }),
  )
}

export function Small({values, colors, end = 1, soft = true}) {
  const canvas = useRef(null)
  useEffect(() => paint(canvas.current, values, colors, end, soft))
  return h("canvas", {ref: canvas, "aria-hidden": "true"})
}

function describe({loss, right, diverged}) {
  if (diverged) return "Its numbers have no end: the rate is too large."
  const [a, b] = [loss.training.toFixed(3), loss.test.toFixed(3)]
  return `loss ${a} training, ${b} test; ${Math.round(100 * right.test)} % of the test points right`
}

function bytes(hex) {
  const digits = hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit).join("") : hex.slice(1)
  return [0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16))
}
