import {badgePicture} from "../../widgets/badge.js"
import {fill, h, say} from "../../widgets/dom.js"

export function render({model}) {
  const chips = h("div", {class: "chips", role: "group", "aria-label": "Groups of the colors"})
  const bars = h("div", {class: "bars", role: "group", "aria-label": "Histogram"})
  const axis = h("div", {class: "axis quiet"})
  const histogram = h("div", {class: "histogram"}, bars, axis),
    root = h("div", {class: "scale"}, histogram, chips)

  const pick = (what) => (event) =>
    say(model, "pick", {what, shift: event.shiftKey, ctrl: event.ctrlKey || event.metaKey})

  function chip({verdict, name, color: fill, count, what, chosen}) {
    return h(
      "button",
      {
        type: "button",
        class: "chip",
        "aria-pressed": String(chosen),
        title: `Select: ${name}`,
        click: pick(what),
      },
      verdict < 0 ? h("i", {class: "swatch", style: `background:${fill}`}) : badgePicture(13, verdict, fill),
      name,
      h("b", {}, count.toLocaleString("en")),
    )
  }

  function bar({all, selected, hint, what, chosen}, most, {colors, masked, rooted}) {
    const stack = (counts, kind) =>
      h(
        "span",
        {class: `stack ${kind}`},
        counts.map((count, index) =>
          h("i", {
            style: `height:${100 * (rooted ? Math.sqrt(count / most) : count / most)}%;background:${colors[index]}`,
          }),
        ),
      )
    const known = all.some(Boolean)
    return h(
      "button",
      {
        type: "button",
        class: "bin",
        "aria-pressed": String(chosen),
        "aria-label": hint,
        title: hint,
        disabled: !known,
        click: pick(what),
      },
      masked ? stack(all, "behind") : null,
      stack(selected, ""),
    )
  }

  function draw() {
    const {about = "", colors = [], chips: known = [], bins = [], ticks = [], masked, rooted} = model.scale
    const most = Math.max(1, ...bins.map(({all}) => all.reduce((sum, count) => sum + count, 0)))
    const focused = root.getRootNode().activeElement,
      from = [...root.querySelectorAll("button")].indexOf(focused)
    fill(chips, known.map(chip))
    fill(
      bars,
      bins.map((bin) => bar(bin, most, {colors, masked, rooted})),
    )
    axis.title = about
    chips.hidden = !known.length
    histogram.hidden = !bins.length
    fill(
      axis,
      ticks.map(([text, share]) =>
        h("span", {style: `left:${100 * share}%;${share ? "" : "transform:none"}`}, text),
      ),
    )
    if (from >= 0) root.querySelectorAll("button")[from]?.focus() // keys go on where they were
  }

  model.on("scale", draw)
  draw()
  return root
}
