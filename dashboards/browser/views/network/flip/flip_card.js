import {fill, h, say, segmented, svgNode} from "../../../widgets/dom.js"

const SIDE = 8,
  BELOW = 30 // CSS pixels beside the bars, and for the axis below them

export function render({model}) {
  const head = h("div", {class: "head"}),
    foot = h("div", {class: "foot quiet"}),
    measured = h("p", {class: "quiet measured"})
  const drawing = svgNode("svg", {role: "group", "aria-label": "Images by their distance to another answer"})
  const stage = h(
    "div",
    {
      class: "stage",
      pointerdown: begin,
      pointermove: drag,
      pointerup: end,
      pointercancel: stop,
      keydown: step,
    },
    drawing,
  )
  const root = h("div", {class: "card"}, head, stage, foot, measured)
  let from = null,
    to = null,
    roving = 0

  const bins = () => Math.max(0, (model.card.edges ?? []).length - 1)
  const wide = () => Math.max(1, stage.clientWidth - 2 * SIDE)
  const last = () => model.card.edges[bins()]
  const across = (value) => SIDE + (wide() * value) / last()

  function select(first, final, event) {
    say(model, "select", {
      space: model.card.space,
      first: Math.min(first, final),
      last: Math.max(first, final),
      shift: event.shiftKey && event.type !== "keydown",
      ctrl: event.ctrlKey || event.metaKey,
    })
  }

  function binAt(event) {
    const x = event.clientX - stage.getBoundingClientRect().left - SIDE
    return Math.max(0, Math.min(bins() - 1, Math.floor((x / wide()) * bins())))
  }

  function begin(event) {
    if (event.button !== 0 || !bins()) return
    event.preventDefault()
    stage.setPointerCapture(event.pointerId)
    from = to = binAt(event)
    brush()
  }

  function drag(event) {
    if (from === null) return
    to = binAt(event)
    brush()
  }

  function end(event) {
    if (from === null) return
    const [first, final] = [from, to]
    stop()
    select(first, final, event)
  }

  function stop() {
    from = to = null
    brush()
  }

  function brush() {
    drawing.querySelector(".brush")?.remove()
    if (from === null) return
    const {edges} = model.card,
      [low, high] = [Math.min(from, to), Math.max(from, to) + 1]
    drawing.append(
      svgNode("rect", {
        class: "brush",
        x: across(edges[low]),
        y: 1,
        width: across(edges[high]) - across(edges[low]),
        height: Math.max(24, stage.clientHeight - BELOW),
      }),
    )
  }

  function step(event) {
    const at = Number(event.target.dataset?.bin ?? NaN)
    if (Number.isNaN(at)) return
    const next = {ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: bins() - 1}[event.key]
    if (next !== undefined) {
      event.preventDefault()
      event.stopPropagation()
      roving = Math.max(0, Math.min(bins() - 1, next))
      if (event.shiftKey) {
        from ??= at
        to = roving
        brush()
      } else stop()
      rove(true)
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault()
      event.stopPropagation()
      const first = from ?? at
      stop()
      select(first, at, event)
    } else if (event.key === "Escape" && from !== null) {
      event.preventDefault()
      event.stopPropagation()
      stop()
    }
  }

  function rove(focus) {
    drawing
      .querySelectorAll(".bin")
      .forEach((bin, at) => bin.setAttribute("tabindex", at === roving ? 0 : -1))
    if (focus) drawing.querySelector(`[data-bin="${roving}"]`)?.focus()
  }

  function draw() {
    const {edges, bars, told, partial, medians = {}, focus, axis} = model.card
    if (!bins()) {
      fill(drawing)
      return
    }
    const high = Math.max(24, stage.clientHeight - BELOW),
      largest = {right: Math.max(1, ...bars.right), wrong: Math.max(1, ...bars.wrong)}
    const scale = (high - 4) / (largest.right + largest.wrong),
      zero = 2 + largest.right * scale
    const bar = (kind, count, at, pale) => {
      const x = across(edges[at]),
        tall = count * scale
      return count
        ? svgNode("rect", {
            class: `${kind}${pale ? " pale" : ""}`,
            x: x + 0.5,
            width: Math.max(1, across(edges[at + 1]) - x - 1),
            y: kind === "right" ? zero - tall : zero,
            height: tall,
          })
        : null
    }
    const kinds = ["right", "wrong"]
      .flatMap((kind) =>
        bars[kind].flatMap((count, at) => [
          partial ? bar(kind, count, at, true) : null,
          bar(kind, partial ? bars[`${kind}Lit`][at] : count, at, false),
        ]),
      )
      .filter(Boolean)
    const every = Math.max(1, Math.round(bins() / Math.max(2, Math.floor(wide() / 70))))
    const ticks = edges
      .map((edge, at) =>
        at % every
          ? null
          : svgNode(
              "text",
              {
                class: "tick",
                x: across(edge),
                y: high + 12,
                "text-anchor": at === edges.length - 1 ? "end" : at ? "middle" : "start",
              },
              String(Number(edge.toPrecision(4))),
            ),
      )
      .filter(Boolean)
    const lines = Object.entries(medians)
      .filter(([, value]) => value !== null)
      .map(([kind, value]) => {
        const [top, bottom] = kind === "right" ? [2, zero] : kind === "wrong" ? [zero, high] : [2, high]
        return svgNode(
          "line",
          {class: `median ${kind}`, x1: across(value), x2: across(value), y1: top, y2: bottom},
          svgNode("title", {}, `Median, ${kind}`),
        )
      })
    const own =
      focus?.at == null
        ? []
        : [
            svgNode(
              "line",
              {class: "focus", x1: across(focus.at), x2: across(focus.at), y1: 2, y2: high},
              svgNode("title", {}, focus.text),
            ),
          ]
    const places = edges.slice(0, -1).map((edge, at) =>
      svgNode(
        "rect",
        {
          class: "bin",
          "data-bin": at,
          role: "button",
          "aria-label": told[at],
          x: across(edge),
          y: 1,
          width: across(edges[at + 1]) - across(edge),
          height: high,
          tabindex: -1,
        },
        svgNode("title", {}, told[at]),
      ),
    )
    const words = [
      svgNode(
        "text",
        {class: "word right", x: stage.clientWidth - SIDE, y: Math.max(14, zero - 8), "text-anchor": "end"},
        "right",
      ),
      svgNode(
        "text",
        {
          class: "word wrong",
          x: stage.clientWidth - SIDE,
          y: Math.min(high - 2, zero + 16),
          "text-anchor": "end",
        },
        "wrong",
      ),
      svgNode("text", {class: "tick", x: SIDE + wide() / 2, y: high + 26, "text-anchor": "middle"}, axis),
    ]
    fill(
      drawing,
      kinds,
      svgNode("line", {class: "axis", x1: SIDE, x2: SIDE + wide(), y1: zero, y2: zero}),
      ticks,
      words,
      lines,
      own,
      places,
    )
    roving = Math.min(roving, bins() - 1)
    rove(false)
    brush()
  }

  function take() {
    const {space, spaces = [], sentence, detection = [], verdict, measured: of, focus} = model.card
    const inside = root.getRootNode().activeElement,
      held = inside?.dataset?.bin
    fill(
      head,
      h("h3", {}, sentence ?? ""),
      spaces.length > 1
        ? segmented("Where images are changed", spaces, space, (name) => say(model, "space", name))
        : null,
    )
    fill(
      foot,
      focus ? h("span", {class: "own"}, h("b", {}, focus.text)) : null,
      detection.length
        ? h(
            "span",
            {class: "detection"},
            "AUC for errors: ",
            detection.flatMap(([name, area, hint], at) => [
              at ? " · " : "",
              h("span", {title: hint}, `${name} ${area}`),
            ]),
          )
        : null,
      verdict ? h("span", {class: "verdict"}, verdict) : null,
    )
    measured.textContent = of ?? ""
    draw()
    if (held !== undefined) {
      roving = Number(held)
      rove(true)
    }
  }

  const observer = new ResizeObserver(() => draw())
  observer.observe(stage)
  model.on("remove", () => observer.disconnect())
  model.on("card", take)
  take()
  return root
}
