// The network as columns of units: each is a picture of what it gives for every place of the plane.

import {h} from "../../vendor/preact/preact.mjs"
import {INPUTS} from "./net.js"
import {Small} from "./playground.js"
import {hiddenOf, inputsOf, MOST_LAYERS, MOST_UNITS} from "./settings.js"

const SIDE = 44
const DOWN = 54 // from a unit to the one below
const ACROSS = 96 // from a layer to the next
const TOP = 34 // above the first unit

const px = (length) => `${length}px`

export function Network({settings, change, pictures, net, colors, seen, see}) {
  const hidden = hiddenOf(settings.hidden)
  const inputs = inputsOf(settings.inputs)
  const set = (sizes) => change({hidden: sizes.join(",")})
  const names = Object.keys(INPUTS)
  const rows = [names.length, ...hidden]
  const across = (layer) => layer * ACROSS
  const down = (layer, unit) => (layer ? TOP + unit * DOWN : TOP + names.indexOf(inputs[unit]) * DOWN)
  const tall = TOP + Math.max(...rows) * DOWN
  const wide = across(hidden.length + 1) + 8
  return h(
    "section",
    {class: "network", "aria-label": "Network", tabindex: 0},
    h(
      "div",
      {class: "columns", style: {width: px(wide), height: px(tall)}},
      h(Links, {net, across, down, wide, tall, hidden}),
      h("div", {class: "head", style: {left: px(0)}}, "inputs"),
      names.map((name, row) => {
        const unit = inputs.indexOf(name)
        const toggle = () =>
          change({inputs: names.filter((other) => inputs.includes(other) !== (other === name)).join(",")})
        return h(
          "button",
          {
            key: name,
            type: "button",
            class: "unit input",
            "aria-pressed": unit >= 0,
            style: {left: px(0), top: px(TOP + row * DOWN)},
            title: `${name}: ${unit >= 0 ? "read" : "not read"}`,
            onClick: toggle,
          },
          h("span", {}, name),
          unit >= 0
            ? h(Small, {
                values: pictures[0][unit],
                colors,
                end: name.includes("²") || name === "x1x2" ? 18 : name.startsWith("sin") ? 1 : 6,
                soft: false,
              })
            : null,
        )
      }),
      hidden.map((size, index) => [
        h(
          "div",
          {key: `head${index}`, class: "head", style: {left: px(across(index + 1))}},
          sized("fewer units", "−", size > 1, () => set(hidden.with(index, size - 1)), index),
          sized("more units", "+", size < MOST_UNITS, () => set(hidden.with(index, size + 1)), index),
        ),
        Array.from({length: size}, (_, unit) => {
          const here = seen?.[0] === index + 1 && seen[1] === unit
          return h(
            "button",
            {
              key: `${index}-${unit}`,
              type: "button",
              class: "unit",
              "aria-pressed": here,
              "aria-label": `Unit ${unit + 1} of layer ${index + 1}`,
              style: {left: px(across(index + 1)), top: px(down(index + 1, unit))},
              onClick: () => see(here ? null : [index + 1, unit]),
            },
            h(Small, {values: pictures[index + 1][unit], colors, soft: false}),
          )
        }),
      ]),
    ),
    h(
      "p",
      {class: "layers"},
      sized("A layer less", "−", hidden.length > 0, () => set(hidden.slice(0, -1))),
      sized("A layer more", "+", hidden.length < MOST_LAYERS, () => set([...hidden, 2])),
      h("span", {class: "quiet"}, `${hidden.length} hidden ${hidden.length === 1 ? "layer" : "layers"}`),
    ),
  )
}

function sized(words, sign, can, onClick, layer = null) {
  const label = layer == null ? words : `Layer ${layer + 1}: ${words}`
  return h("button", {type: "button", class: "chip", disabled: !can, "aria-label": label, onClick}, sign)
}

/** A line for every weight, as wide as it is large. */
function Links({net, across, down, wide, tall, hidden}) {
  return h(
    "svg",
    {width: wide, height: tall, "aria-hidden": "true"},
    net.weights.map((weights, layer) =>
      Array.from(weights, (weight, at) => {
        const [from, to] = [at % net.sizes[layer], Math.floor(at / net.sizes[layer])]
        const [x0, y0] = [across(layer) + SIDE, down(layer, from) + SIDE / 2]
        const last = layer === hidden.length
        const [x1, y1] = [across(layer + 1), last ? tall / 2 : down(layer + 1, to) + SIDE / 2]
        const middle = (x0 + x1) / 2
        return h("path", {
          key: `${layer}-${at}`,
          class: weight < 0 ? "negative" : "positive",
          d: `M${x0},${y0}C${middle},${y0} ${middle},${y1} ${x1},${y1}`,
          "stroke-width": Math.min(6, 0.4 + Math.abs(weight) * 2).toFixed(1),
        })
      }),
    ),
  )
}
