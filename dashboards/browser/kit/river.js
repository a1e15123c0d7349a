// A river: columns of boxes, ribbons from each to the next, and over them the way of one image.

import {useContext, useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"
import {nodes} from "./node.js"
import {useRoom} from "./room.js"

// CSS pixels: of a column; between two boxes, at most; beside the last column, for its words.
const [BOX, GAP, RIGHT] = [16, 4, 128]
const LEAST = 0.35 // a ribbon that is narrower is not drawn
const [TALL, WORDY] = [7, 90] // a lower box has no word; where columns stand closer, the last one alone has words
const [LINE, DENSE] = [12, 11] // from one word to the next, at least; and beside the last column

const RISES = {ArrowDown: 1, ArrowUp: -1}
const SIDES = {ArrowRight: true, ArrowLeft: false}

const count = (number) => number.toLocaleString("en")
const share = (number, whole) => {
  const percent = (100 * number) / Math.max(1, whole)
  return `${percent >= 99.5 && percent < 100 ? "> 99" : percent < 1 && percent > 0 ? "< 1" : Math.round(percent)} %`
}

/** @param {import("../messages.d.ts").River} message */
export function River(message) {
  const {act, pressed, way, children, label} = message
  const {say} = useContext(Card)
  const {box, width, height} = useRoom()
  const [stop, rest] = useState("")
  const plan = width && height ? planned(message, width, height) : null
  const buttons = plan ? [...plan.ribbons, ...plan.boxes] : []
  const find = (key) => buttons.find((each) => each.key === key)
  const current = (find(stop) ?? plan?.boxes[0])?.key
  const chosen = new Set(pressed.map(String))
  const ask = (places, {shiftKey, ctrlKey, metaKey}) =>
    say(act, {places, shift: shiftKey, ctrl: ctrlKey || metaKey})
  const button = ({key, tag, places, words, fill, look, shape, lit}) => {
    const {partial} = message
    const states = {
      key,
      role: "button",
      tabindex: key === current ? 0 : -1,
      "data-at": key,
      "aria-label": words,
      "aria-pressed": chosen.has(String(places)),
      class: partial ? `${look} unlit` : look,
      onClick: (event) => ask(places, event),
    }
    const over = {key: `${key}:lit`, class: look, fill, ...lit, "pointer-events": "none"}
    return [partial && lit && h(tag, over), h(tag, {fill, ...shape, ...states}, h("title", {}, words))]
  }
  const step = (event) => {
    const item = find(event.target.dataset?.at)
    const [by, right] = [RISES[event.key], SIDES[event.key]]
    if (!item) return
    if (event.key === "Enter" || event.key === " ") ask(item.places, event)
    else if (by === undefined && right === undefined) return
    else {
      const key = by ? beside(buttons, item.key, by) : along(message, buttons, item.places, right)
      rest(key ?? item.key)
      event.currentTarget.querySelector(`[data-at="${key}"]`)?.focus()
    }
    event.preventDefault()
    event.stopPropagation()
  }
  const band = plan && {
    x: plan.at(message.at) - 4,
    width: Math.min(plan.pitch - 4, RIGHT + BOX),
    height,
    rx: 6,
  }
  const room = plan && Math.max(40, Math.min(plan.pitch - 6, RIGHT + BOX))
  const drawing = plan && [
    h("rect", {class: "band", y: 0, ...band}),
    plan.ribbons.map(button),
    plan.boxes.map(button),
    way ? course(way, plan) : null,
    plan.words,
  ]
  return [
    h(
      "div",
      {class: "river", ref: box},
      h("svg", {role: "group", "aria-label": label, width, height, onKeyDown: step}, drawing),
    ),
    h(
      "div",
      {class: "columns", role: "group", "aria-label": "Layers"},
      plan &&
        nodes(children).map((child, column) =>
          h("div", {style: `left: ${plan.at(column) - 4}px; width: ${room}px`}, child),
        ),
    ),
  ]
}

/** Where all stands, and what boxes and ribbons say. */
function planned(message, width, height) {
  const {kinds, boxes, ribbons, says, total, partial} = message
  const last = boxes.length - 1
  const pitch = (width - RIGHT - BOX) / Math.max(1, last)
  const at = (column) => Math.round(column * pitch)
  const most = Math.max(1, ...boxes.map((column) => column.length))
  const gap = Math.min(GAP, height / 4 / most)
  const unit = (height - 2 - gap * (most - 1)) / Math.max(1, total)
  const fills = (kind) => kinds[kind].color || "var(--dv-quiet)"
  const look = (column, kind) => says[column].replace("{name}", kinds[kind].name)
  const lights = (lit) => (partial ? `, ${count(lit)} selected` : "")
  const placed = boxes.map((column) => {
    let y = 1
    return new Map(
      column.map(([kind, number, lit]) => {
        const box = {kind, number, lit, y, tall: number * unit, out: y, into: y}
        y += box.tall + gap
        return [kind, box]
      }),
    )
  })
  const ribbon =
    (column) =>
    ([from, to, number, lit]) => {
      const [here, there, thick] = [placed[column].get(from), placed[column + 1].get(to), number * unit]
      const [y0, y1] = [here.out, there.into]
      here.out += thick
      there.into += thick
      if (thick < LEAST) return []
      const ends = [at(column) + BOX, y0, at(column + 1), y1]
      return {
        key: `r:${column}:${from}:${to}`,
        tag: "path",
        look: "ribbon",
        fill: fills(from),
        places: [
          [column, from],
          [column + 1, to],
        ],
        words: `${count(number)} ${look(column, from)} and ${look(column + 1, to)}${lights(lit)}`,
        shape: {d: band(ends, thick)},
        lit: lit && {d: band(ends, lit * unit)},
      }
    }
  const rect = (column) => (box) => {
    const frame = {x: at(column), y: box.y, width: BOX}
    const of = `${count(box.number)} of ${count(total)} (${share(box.number, total)})`
    return {
      key: `b:${column}:${box.kind}`,
      tag: "rect",
      look: "box",
      fill: fills(box.kind),
      places: [[column, box.kind]],
      words: `${of} ${look(column, box.kind)}${lights(box.lit)}`,
      shape: {...frame, height: Math.max(box.tall, 0.5)},
      lit: box.lit && {...frame, height: box.lit * unit},
    }
  }
  const word =
    (column) =>
    ([box, y]) => {
      const [middle, x] = [box.y + box.tall / 2, at(column) + BOX]
      const moved = Math.abs(y - middle) > 1
      const text = `${kinds[box.kind].short} ${share(box.number, total)}`
      return [
        moved && h("path", {class: "lead", d: `M${x} ${middle}L${x + 10} ${y}`, stroke: fills(box.kind)}),
        h("text", {class: "word", x: x + (moved ? 13 : 5), y: y + 4, "aria-hidden": "true"}, text),
      ]
    }
  const worded = (column) =>
    column === last
      ? spread([...placed[last].values()], height)
      : pitch < WORDY
        ? []
        : spelled([...placed[column].values()])
  return {
    pitch,
    at,
    placed,
    ribbons: ribbons.flatMap((flows, column) => flows.flatMap(ribbon(column))),
    boxes: placed.flatMap((column, number) => [...column.values()].map(rect(number))),
    words: placed.map((_, column) => worded(column).map(word(column))),
  }
}

/**
 * The outline of a ribbon, from the upper corner of one end to that of the other.
 * @param {number[]} ends
 */
function band(ends, thick) {
  const [x0, y0, x1, y1] = ends
  const middle = (x0 + x1) / 2
  const upper = `M${x0} ${y0}C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}`
  return `${upper}V${y1 + thick}C${middle} ${y1 + thick} ${middle} ${y0 + thick} ${x0} ${y0 + thick}Z`
}

/** The way of one image through the middles of boxes: dashed as it is stored, full as it is tried. */
function course({before, after, says}, {placed, at}) {
  const line = (through, kind) => {
    let [path, last] = ["", null]
    const spots = through.map((each, column) => {
      const box = each == null ? null : placed[column]?.get(each)
      const here = box && [at(column) + BOX / 2, box.y + box.tall / 2]
      const middle = last && here && (last[0] + here[0]) / 2
      if (here)
        path += last ? `C${middle} ${last[1]} ${middle} ${here[1]} ${here.join(" ")}` : `M${here.join(" ")}`
      last = here
      return here && h("circle", {class: kind, cx: here[0], cy: here[1], r: 3.5})
    })
    return [h("path", {class: `under ${kind}`, d: path}), h("path", {class: kind, d: path}), spots]
  }
  const lines = [line(before, "before"), line(after, "after")]
  return h("g", {class: "way", role: "img", "aria-label": says}, h("title", {}, says), lines)
}

/** Where words stand beside their boxes, [box, y]: those that have room, the largest first. */
function spelled(boxes) {
  const words = []
  for (const box of [...boxes].sort((one, other) => other.tall - one.tall)) {
    const middle = box.y + box.tall / 2
    if (box.tall >= TALL && words.every(([, other]) => Math.abs(other - middle) >= LINE))
      words.push([box, middle])
  }
  return words
}

/** The same where nothing stands to the right: moved apart where they are close. */
function spread(boxes, height) {
  if (boxes.length * DENSE > height) return spelled(boxes)
  const places = boxes.map((box) => Math.max(DENSE / 2, box.y + box.tall / 2))
  for (let k = 1; k < places.length; k++) places[k] = Math.max(places[k], places[k - 1] + DENSE)
  for (let k = places.length - 1, limit = height - DENSE / 2; k >= 0; k--, limit -= DENSE)
    places[k] = Math.min(places[k], limit)
  return boxes.map((box, k) => [box, places[k]])
}

/** The next one up or down in a column, or among the ribbons between two. */
function beside(buttons, key, by) {
  const kin = `${key.split(":").slice(0, 2).join(":")}:`
  const keys = buttons.map((each) => each.key).filter((other) => other.startsWith(kin))
  return keys[Math.max(0, Math.min(keys.length - 1, keys.indexOf(key) + by))]
}

/** The widest ribbon of a box to either side; of a ribbon, the box there. */
function along({ribbons}, buttons, places, right) {
  if (places.length === 2) return `b:${places[right ? 1 : 0].join(":")}`
  const [[column, kind]] = places
  const gap = right ? column : column - 1
  const drawn = new Set(buttons.map(({key}) => key))
  const flows = (ribbons[gap] ?? []).filter((flow) => flow[right ? 0 : 1] === kind)
  const keys = flows.sort((one, other) => other[2] - one[2]).map(([from, to]) => `r:${gap}:${from}:${to}`)
  return keys.find((each) => drawn.has(each))
}
