// Neighbors of an image as tiles, painted where they are seen: sorted, of a class alone, and one of them chosen.

import {useContext, useLayoutEffect, useMemo, useRef, useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {BORDER, sheetOf} from "../widgets/tiles.js"
import {values} from "./bytes.js"
import {Card} from "./context.js"
import {GAP, paint, TEXT, TITLE} from "./neighbor_painting.js"
import {nodes} from "./node.js"
import {probability} from "./numbers.js"
import {Painting} from "./painting.js"
import {useRoom} from "./room.js"
import {Shortcut, useShortcut} from "./shortcut.js"
import {fitted} from "./thumbnail.js"

const [TARGET, PAD, WIDTH] = [56, 2, 74] // CSS pixels: of a tile, above all of them, of a cell at least
const CHIPS = 9 // classes with a chip of their own, at most
const ORDERS = [
  ["distance", "nearest first", "By the root mean square of their pixels' differences from the image"],
  ["sure", "surest first", "By the teacher's probability of its class"],
  ["unsure", "least sure first", "Where the teacher is of two minds"],
  ["class", "by class", "In groups, the commonest first"],
]
const LEGEND =
  "frame and words: the teacher's class and its probability · ○ held out of the fit · click one to see it above"

/** @param {import("../messages.d.ts").NeighborTiles} message */
export function NeighborTiles(message) {
  const {sample, title, pixels, shape, classes, held_out, children} = message
  const {say} = useContext(Card)
  const {box, width, height} = useRoom()
  const group = useRef(null)
  const [order, sort] = useState("distance")
  const [only, keep] = useState(null) // place of a class, "others", or "held"; null: all
  const [chosen, take] = useState(null) // tile that the image card shows
  const [pointed, point] = useState(null)
  const [top, scroll] = useState(0)
  const [named, name] = useState(CHIPS)
  const all = {
    number: values(message.number, Int32Array),
    label: values(message.group, Int32Array),
    confidence: values(message.confidence, Float32Array),
    distance: values(message.distance, Float32Array),
  }
  const sheet = useMemo(() => sheetOf(pixels, shape, all.number.length), [pixels])
  const plan = useMemo(
    () => arranged(all, ordered(all, order, {only, named, held_out}), {order, shape, width}),
    [pixels, message.distance, order, only, named, width],
  )
  const choose = (tile) => {
    if (tile === chosen) return
    take(tile)
    say("show", {sample, number: tile === null ? null : all.number[tile]})
  }
  useLayoutEffect(() => {
    keep(null)
    box.current.scrollTop = 0
  }, [sample])
  useLayoutEffect(() => take(null), [pixels])
  useLayoutEffect(() => {
    if (!width && chosen !== null) choose(null) // the tab was left: the image card shows the image again
  }, [width])
  useLayoutEffect(() => name(CHIPS), [sample, classes.length, width])
  useLayoutEffect(() => {
    const {scrollHeight, clientHeight} = group.current
    if (named > 1 && scrollHeight > clientHeight + 1) name(named - 1) // as many as have room
  })
  useShortcut(chosen === null ? "" : "Esc", () => choose(null), box)
  const press = (event) => {
    const {placed, columns, cell} = plan
    const at = placed.findIndex(({tile}) => tile === chosen)
    const steps = {ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - columns, ArrowDown: at + columns}
    const to = {...steps, Home: 0, End: placed.length - 1}[event.key]
    if (to === undefined || !placed.length) return
    event.preventDefault()
    event.stopPropagation()
    const next = placed[at < 0 ? 0 : Math.max(0, Math.min(placed.length - 1, to))]
    choose(next.tile)
    if (next.y < top) box.current.scrollTop = next.y - (order === "class" ? TITLE : 0)
    else if (next.y + cell[0] > top + height) box.current.scrollTop = next.y + cell[0] - height
  }
  const arrange = (event) => {
    sort(event.currentTarget.value)
    box.current.scrollTop = 0
  }
  const chip = (value, words, count, hint, fill) => {
    const click = () => keep(only === value ? null : value)
    return h(
      "button",
      {type: "button", class: "chip", "aria-pressed": only === value, title: hint, onClick: click},
      fill && h("span", {class: "swatch", style: `background: ${fill}`}),
      words,
      h("span", {class: "count"}, count),
    )
  }
  const [before, after, ...below] = nodes(children)
  const key = h(Shortcut, {name: "Esc"})
  const back = h("button", {type: "button", class: "chip", onClick: () => choose(null)}, "Back", key)
  const held = classes.reduce((sum, {images}) => sum + images, 0) - held_out
  return h(
    "div",
    {class: "column"},
    h(
      "div",
      {class: "head"},
      h("h3", {class: "sentence", role: "status"}, title),
      before,
      chosen !== null && back,
      after,
    ),
    below,
    h(
      "div",
      {class: "tools"},
      h(
        "div",
        {class: "chips", role: "group", "aria-label": "Only some classes", ref: group},
        classes
          .slice(0, named)
          .map(({short, name: whole, color: fill, images}, place) =>
            chip(place, short, images, `Only those that the teacher takes for ${whole}`, fill),
          ),
        classes.length > named && chip("others", ...others(classes.slice(named))),
      ),
      chip("held", "○ held out", held, "Only those that the student was not fitted on"),
      h(
        "select",
        {"aria-label": "Order of the neighbors", onChange: arrange},
        ORDERS.map(([value, words, hint]) =>
          h("option", {value, title: hint, selected: value === order}, words),
        ),
      ),
    ),
    h(
      "div",
      {class: "room"},
      h(
        "div",
        {
          class: "scroll",
          tabIndex: 0,
          role: "listbox",
          "aria-label": "Neighbors of the image",
          title: pointed === null ? "" : described(message, all, pointed),
          style: pointed === null ? "" : "cursor: pointer",
          ref: box,
          onScroll: (event) => scroll(event.currentTarget.scrollTop),
          onClick: (event) => {
            const tile = under(event, plan)
            if (tile !== null) choose(tile === chosen ? null : tile)
          },
          onPointerMove: (event) => point(under(event, plan)),
          onKeyDown: press,
        },
        h("div", {style: `height: ${plan.tall}px`}),
      ),
      h(
        "div",
        {class: "seen", style: `width: ${width}px; height: ${height}px`},
        h(Painting, {
          width,
          height,
          paint: (context) => paint(context, {...message, all, sheet, plan, top, height, chosen}),
          inputs: [sheet, plan, top, chosen],
        }),
      ),
    ),
    h("p", {class: "quiet how"}, LEGEND),
  )
}

/** What a chip says of classes that have none. */
function others(classes) {
  const count = classes.reduce((sum, each) => sum + each.images, 0)
  const words = `${classes.length} other${classes.length > 1 ? "s" : ""}`
  return [words, count, classes.map((each) => `${each.images} ${each.name}`).join(", ")]
}

/** Tiles that are wanted, in an order. */
function ordered({distance, confidence, label, number}, order, {only, named, held_out}) {
  const fits = {
    null: () => true,
    held: (tile) => number[tile] >= held_out,
    others: (tile) => label[tile] >= named,
  }
  const by = {
    distance: (a, b) => distance[a] - distance[b],
    sure: (a, b) => confidence[b] - confidence[a],
    unsure: (a, b) => confidence[a] - confidence[b],
    class: (a, b) => label[a] - label[b] || confidence[b] - confidence[a],
  }
  const tiles = Array.from(number, (_, tile) => tile)
  return tiles.filter(fits[only] ?? ((tile) => label[tile] === only)).sort(by[order])
}

/** Where each tile and each heading stands, in CSS pixels of the whole list. */
function arranged({label}, tiles, {order, shape, width}) {
  const tile = fitted(shape, TARGET)
  const size = tile.map((side) => side + 2 * BORDER)
  const least = Math.max(size[1], WIDTH) + GAP
  const columns = Math.max(1, Math.floor((width + GAP) / least))
  const cell = [size[0] + TEXT + GAP, Math.max(least, Math.floor((width + GAP) / columns))]
  const [placed, titles] = [[], []]
  let [top, column] = [PAD, 0]
  for (const each of tiles) {
    if (order === "class" && label[each] !== titles.at(-1)?.label) {
      if (column) top += cell[0]
      titles.push({
        top,
        label: label[each],
        count: tiles.filter((other) => label[other] === label[each]).length,
      })
      top += TITLE
      column = 0
    }
    placed.push({tile: each, x: column * cell[1], y: top})
    if (++column === columns) [top, column] = [top + cell[0], 0]
  }
  return {tile, size, cell, columns, placed, titles, tall: top + (column ? cell[0] : 0)}
}

function under({currentTarget, clientX, clientY}, {placed, cell, size}) {
  const {left, top} = currentTarget.getBoundingClientRect()
  const [x, y] = [clientX - left, clientY - top + currentTarget.scrollTop]
  const within = (each) =>
    x >= each.x && x < each.x + cell[1] - GAP && y >= each.y && y < each.y + size[0] + TEXT
  return placed.find(within)?.tile ?? null
}

function described({classes, held_out}, {label, confidence, distance, number}, tile) {
  const far = distance[tile].toFixed(3).replace(/^0/, "")
  const own = distance[tile] === 0 ? "the image itself" : `distance ${far}`
  const held = number[tile] >= held_out ? " · held out of the fit" : ""
  const said = `${classes[label[tile]].name} ${probability(confidence[tile])}`
  return `Neighbor ${number[tile]}: ${said} · ${own}${held}\nClick: show it above`
}
