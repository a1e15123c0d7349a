const ROOM = .3, STEP = 50   // of an axis beyond its ends; steps of a key from end to end
const ORDERS = [["kl", "by information", "What the latent says of an image: its mean divergence from the prior"], ["sensitivity", "by effect", "How far the probability of the predicted class changes within the band"]]
const PAD = 26, TOP = 14, FOOT = 34

export function render({model}) {
  const root = h("div", {class: "card"})
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), plot = h("div", {class: "plot"}, svg)
  let shift = [], bands = new Map(), sample = null, size = [0, 0], asked = 0, flying = false, wanted = false, dragged = null, stretched = null

  const axes = () => model.card.axes ?? []
  const work = workLine(() => say(model, "cancel"))
  const bandOf = (index) => bands.get(axes()[index].latent) ?? axes()[index].band
  const moved = () => shift.some((value) => value !== 0)

  function element(name, attributes, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name)
    for (const [key, value] of Object.entries(attributes)) typeof value === "function" ? made.addEventListener(key, value) : value != null && made.setAttribute(key, value)
    made.append(...children.filter((child) => child != null))
    return made
  }

  function scales() {
    const [width, height] = size, all = axes(), step = all.length > 1 ? (width - 2 * PAD) / (all.length - 1) : 0
    const ends = all.map(({low, high, value}) => {
      const span = (high - low) || 1
      return [Math.min(low - ROOM * span, value), Math.max(high + ROOM * span, value)]
    })
    return {
      x: (index) => all.length > 1 ? PAD + index * step : width / 2, step, ends,
      within: (index, value) => Math.max(ends[index][0], Math.min(ends[index][1], value)),
      y: (index, value) => TOP + (height - TOP - FOOT) * (1 - (value - ends[index][0]) / (ends[index][1] - ends[index][0])),
      value: (index, y) => ends[index][0] + (1 - (y - TOP) / (height - TOP - FOOT)) * (ends[index][1] - ends[index][0]),
    }
  }

  function ask() {
    if (flying) { wanted = true; return }
    flying = true; wanted = false
    say(model, "edit", {sample, shift, asked: ++asked})
  }

  function put(index, value) {
    const axis = axes()[index], [low, high] = scales().ends[index]
    const at = Math.max(low, Math.min(high, value)) - axis.value
    shift[axis.latent] = Math.abs(at) < (high - low) / 400 ? 0 : at
    draw(); ask()
  }

  function reset(index) {
    if (index === undefined) shift.fill(0)
    else shift[axes()[index].latent] = 0
    draw(); ask()
  }

  function key(event, index) {
    const {value, latent} = axes()[index], [low, high] = scales().ends[index], step = (high - low) / STEP
    const to = {ArrowUp: value + shift[latent] + step, ArrowDown: value + shift[latent] - step, PageUp: value + shift[latent] + 5 * step, PageDown: value + shift[latent] - 5 * step, Home: value}[event.key]
    if (to === undefined) return
    event.preventDefault(); event.stopPropagation()
    put(index, to)
  }

  function handle(index, at) {
    const {latent, value, deviation, kl, sensitivity} = axes()[index], now = value + shift[latent]
    return element("circle", {class: `handle${shift[latent] ? " moved" : ""}`, cx: at.x(index), cy: at.y(index, now), r: 6, "data-index": index, tabindex: model.card.refusal ? null : 0, role: "slider",
      "aria-label": `Latent ${latent}`, "aria-valuenow": now.toFixed(2), "aria-valuemin": at.ends[index][0].toFixed(2), "aria-valuemax": at.ends[index][1].toFixed(2),
      keydown: (event) => key(event, index), dblclick: () => reset(index),
      pointerdown: (event) => { if (model.card.refusal) return; dragged = index; svg.setPointerCapture(event.pointerId); event.preventDefault(); event.currentTarget.focus() },
    }, element("title", {}, document.createTextNode(`Latent ${latent}: ${now.toFixed(2)}, the image's own is ${value.toFixed(2)} ± ${deviation.toFixed(2)}; it says ${kl.toFixed(2)} nats${sensitivity == null ? "" : ` and moves the probability of the predicted class by ${share(sensitivity)}`}. Double click: back`)))
  }

  /** One end of a band; both move together. */
  function end(index, side, y, x, wide) {
    const {latent, value} = axes()[index]
    return element("line", {class: `end${bands.has(latent) ? " moved" : ""}`, "data-end": `${index}:${side}`, x1: x - wide / 2, x2: x + wide / 2, y1: y, y2: y,
      pointerdown: (event) => { if (model.card.refusal) return; stretched = index; svg.setPointerCapture(event.pointerId); event.preventDefault() },
      dblclick: () => { bands.delete(latent); draw() },
    }, element("title", {}, document.createTextNode(`Neighbors are drawn within ${value.toFixed(2)} ± ${bandOf(index).toFixed(2)}. Double click: back`)))
  }

  function axis(index, at) {
    const {latent, value, low, high} = axes()[index], band = bandOf(index), x = at.x(index), wide = Math.max(4, Math.min(18, at.step - 6))
    const top = at.y(index, at.within(index, value + band)), foot = at.y(index, at.within(index, value - band))
    const tick = (of) => element("line", {class: "tick", x1: x - 4, x2: x + 4, y1: at.y(index, of), y2: at.y(index, of)})
    return element("g", {}, element("line", {class: "axis", x1: x, x2: x, y1: at.y(index, at.ends[index][1]), y2: at.y(index, at.ends[index][0])}),
      element("rect", {class: "band", x: x - wide / 2, width: wide, y: top, height: Math.max(1, foot - top)}),
      end(index, 1, top, x, wide), end(index, -1, foot, x, wide), tick(low), tick(high), index % Math.max(1, Math.ceil(24 / Math.max(at.step, 1))) && axes().length > 1 ? null : element("text", {x, y: size[1] - 16, "text-anchor": "middle"}, document.createTextNode(`z${latent}`)))
  }

  function draw() {
    const {sentence, refusal, fault} = model.card, all = axes(), error = model.answered.error
    const focused = root.getRootNode().activeElement?.dataset?.index
    if (model.card.sample !== sample) { sample = model.card.sample ?? null; shift = Array(model.card.latents ?? 0).fill(0); bands = new Map(); flying = wanted = false }
    fill(root, h("div", {class: "head"}, h("p", {class: "sentence"}, sentence ?? ""),
        segmented("Order of the axes", ORDERS, model.card.order, (order) => say(model, "order", order)),
        h("button", {type: "button", class: "chip", disabled: Boolean(refusal), title: bands.size ? "Its neighbors are drawn within these bands" : "Drag the ends of a bar, and its neighbors are drawn within them",
          click: () => say(model, "fit", {sample, bands: [...bands]})}, bands.size ? "Fit a student with these bands" : "Fit a student"),
        h("button", {type: "button", class: "chip", disabled: !moved(), click: () => reset()}, "Back", h("kbd", {}, "Esc"))),
      refusal ? h("p", {class: "warning"}, refusal) : error || fault ? h("p", {class: "warning"}, error || fault) : null, work.element, plot,
      h("p", {class: "quiet how"}, `ticks: 5 % and 95 % of all images · bar: the band its neighbors are drawn within · what ${model.card.order === "sensitivity" ? "moves the teacher" : "says"} most comes first`))
    if (!size[0] || !all.length) { svg.replaceChildren(); return }
    const at = scales(), line = (of) => all.map((one, index) => `${at.x(index)},${at.y(index, of(one))}`).join(" ")
    svg.setAttribute("viewBox", `0 0 ${size[0]} ${size[1]}`)
    svg.replaceChildren(...all.map((_, index) => axis(index, at)),
      element("polyline", {class: "own", points: line(({value}) => value)}),
      moved() ? element("polyline", {class: "now", points: line(({value, latent}) => value + shift[latent])}) : "",
      ...all.map((_, index) => handle(index, at)))
    if (focused != null) svg.querySelector(`[data-index="${focused}"]`)?.focus()
  }

  svg.addEventListener("pointermove", (event) => {
    if (stretched !== null) {
      const {latent, value} = axes()[stretched]
      bands.set(latent, Math.abs(scales().value(stretched, event.clientY - svg.getBoundingClientRect().top) - value))
      draw()
    }
    if (dragged === null) return
    put(dragged, scales().value(dragged, event.clientY - svg.getBoundingClientRect().top))
  })
  for (const name of ["pointerup", "pointercancel"]) svg.addEventListener(name, () => { dragged = stretched = null })

  function escape(event) {
    if (event.key !== "Escape" || !moved() || !root.offsetParent || event.composedPath()[0].matches?.("input, textarea, select")) return
    event.preventDefault(); event.stopImmediatePropagation()
    reset()
  }
  window.addEventListener("keydown", escape, {capture: true})
  const resized = new ResizeObserver(() => { size = [plot.clientWidth, plot.clientHeight]; draw() })
  resized.observe(plot)
  model.on("remove", () => { resized.disconnect(); window.removeEventListener("keydown", escape, {capture: true}) })
  model.on("card", draw)
  model.on("work", () => work.show(model.work))
  work.show(model.work)
  model.on("answered", () => {
    if (model.answered.asked < asked) return
    flying = false
    if (model.answered.error) draw()
    if (wanted) ask()
  })
  draw()
  return root
}
