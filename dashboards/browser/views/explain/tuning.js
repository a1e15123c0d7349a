import {fill, h, iconButton, svgNode} from "../../widgets/dom.js"

const EDGE = {left: 46, right: 16, top: 22, bottom: 38} // CSS pixels around the plot

/** Many settings of the student of one image, by held-out KL and faithfulness; over the card until it is closed. */
export function tuningSheet({sample, refit}, front, work, {close, tune, fit}) {
  const {busy, fault} = refit.tuning
  const body = front
    ? tunedPoints(front, sample, fit)
    : h(
        "div",
        {class: "empty"},
        fault ? h("p", {class: "warning"}, fault) : null,
        h(
          "p",
          {},
          busy
            ? "Every value of temperature, penalties, smoothness, band and number of neighbors is tried with every other."
            : "Temperature, penalties, smoothness, band and number of neighbors can be tried, every value with every other.",
        ),
        busy ? null : h("button", {type: "button", class: "action", click: tune}, "Tune"),
      )
  const element = h(
    "section",
    {
      class: "sheet tuning",
      tabindex: -1,
      "aria-label": `Tuning of #${sample}`,
      keydown: (event) => {
        if (event.key === "Escape") close()
        event.stopPropagation()
      },
    },
    h(
      "div",
      {class: "line"},
      h("h3", {class: "title"}, `Settings of the student of #${sample}`),
      iconButton("Close", "M4 4 L12 12 M12 4 L4 12", {class: "plain", click: close}),
    ),
    work,
    body,
  )
  return element
}

function tunedPoints({points, line, own, shown, sentence}, sample, fit) {
  const text = (words, attributes) => svgNode("text", attributes, document.createTextNode(words))
  const svg = svgNode("svg", {class: "points"}),
    plot = h("div", {class: "plot"}, svg),
    told = h("div", {class: "told"})
  const [kls, areas] = [
    points.map(({kl}) => Math.max(kl, 1e-5)),
    points.map(({faithfulness}) => faithfulness),
  ]
  const [low, high] = [Math.log(Math.min(...kls) / 1.12), Math.log(Math.max(...kls) * 1.12)]
  const span = Math.max(0.02, Math.max(...areas) - Math.min(...areas))
  const [floor, roof] = [Math.min(...areas) - 0.06 * span, Math.max(...areas) + 0.14 * span]
  let size = [0, 0]
  const x = (kl) =>
    EDGE.left + ((Math.log(Math.max(kl, 1e-5)) - low) / (high - low)) * (size[0] - EDGE.left - EDGE.right)
  const y = (area) => EDGE.top + ((roof - area) / (roof - floor)) * (size[1] - EDGE.top - EDGE.bottom)

  const name = (index) =>
    index === own ? (index === shown ? "the run’s, shown" : "the run’s") : index === shown ? "shown" : ""
  const digits = (value, count) => value.toFixed(count).replace("-", "−")

  function tell(index) {
    const one = points[index]
    fill(
      told,
      h("b", {}, name(index) ? name(index)[0].toUpperCase() + name(index).slice(1) : "Under the pointer"),
      h(
        "dl",
        {},
        Object.entries(one.texts).flatMap(([name, value]) => {
          const run = points[own].texts[name]
          return [
            h("dt", {}, name),
            h(
              "dd",
              {class: value === run ? "" : "other"},
              value,
              value === run ? null : h("span", {class: "quiet"}, ` run ${run}`),
            ),
          ]
        }),
      ),
      h(
        "dl",
        {},
        [
          ["held-out KL", `${digits(one.kl, 3)} nats`],
          ["agreement", one.agreement],
          ["stability", digits(one.stability, 2)],
          ["ins. − del.", digits(one.faithfulness, 2)],
        ].flatMap(([label, value]) => [h("dt", {}, label), h("dd", {}, value)]),
      ),
    )
  }

  function dot(index) {
    const one = points[index],
      words = Object.entries(one.texts)
        .map((pair) => pair.join(" "))
        .join(", ")
    return svgNode("circle", {
      class: `dot${one.optimal ? " optimal" : ""}`,
      "data-point": index,
      cx: x(one.kl),
      cy: y(one.faithfulness),
      r: one.optimal ? 5.5 : 3.5,
      style: `--stability:${Math.round(100 * Math.max(0, one.stability))}%`,
      role: "button",
      tabindex: one.optimal || index === own ? 0 : null,
      "aria-label": `${words}: held-out KL ${one.kl.toFixed(3)}, insertion − deletion ${digits(one.faithfulness, 2)}, stability ${digits(one.stability, 2)}. Fit it`,
      mouseenter: () => tell(index),
      focus: () => tell(index),
      mouseleave: () => tell(shown ?? own),
      click: () => fit(one.texts),
      keydown: (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault()
          fit(one.texts)
        }
      },
    })
  }

  function mark(index) {
    const [left, top] = [x(points[index].kl), y(points[index].faithfulness)],
      side = left > size[0] - 80 ? "end" : left < EDGE.left + 60 ? "start" : "middle"
    return [
      svgNode("circle", {class: `mark${index === own ? " own" : ""}`, cx: left, cy: top, r: 10}),
      text(name(index), {
        class: "mark-name",
        x: left + {start: -9, middle: 0, end: 9}[side],
        y: top + (index === own ? -15 : 24),
        "text-anchor": side,
      }),
    ]
  }

  function axes() {
    const bottom = size[1] - EDGE.bottom,
      right = size[0] - EDGE.right
    const kept = []
    for (const value of ratioTicks(Math.exp(low), Math.exp(high)))
      if (!kept.length || x(value) - x(kept.at(-1)) > 40) kept.push(value)
    const across = kept.flatMap((value) => [
      svgNode("line", {class: "grid", x1: x(value), x2: x(value), y1: EDGE.top, y2: bottom}),
      text(String(Number(value.toPrecision(3))), {x: x(value), y: bottom + 14, "text-anchor": "middle"}),
    ])
    const up = linearTicks(floor, roof).flatMap((value) => [
      svgNode("line", {class: "grid", x1: EDGE.left, x2: right, y1: y(value), y2: y(value)}),
      text(digits(value, 2), {x: EDGE.left - 6, y: y(value) + 4, "text-anchor": "end"}),
    ])
    return [
      ...across,
      ...up,
      text("held-out KL, nats (← better)", {
        class: "axis-name",
        x: (EDGE.left + right) / 2,
        y: size[1] - 6,
        "text-anchor": "middle",
      }),
      text("insertion − deletion (↑ better)", {class: "axis-name", x: 4, y: 12}),
    ]
  }

  function draw() {
    if (!size[0] || !size[1]) return
    svg.setAttribute("viewBox", `0 0 ${size[0]} ${size[1]}`)
    const order = points
      .map((_, index) => index)
      .sort((a, b) => points[a].optimal - points[b].optimal || a - b)
    const path = line.map((index) => `${x(points[index].kl)},${y(points[index].faithfulness)}`).join(" ")
    svg.replaceChildren(
      ...axes(),
      svgNode("polyline", {class: "front", points: path}),
      ...order.map(dot),
      ...[...new Set([own, shown ?? own])].flatMap(mark),
    )
  }

  new ResizeObserver(() => {
    size = [plot.clientWidth, plot.clientHeight]
    draw()
  }).observe(plot)
  tell(shown ?? own)
  return h(
    "div",
    {class: "tuned"},
    h("p", {class: "sentence"}, sentence),
    h("div", {class: "two"}, plot, told),
    h(
      "p",
      {class: "quiet how"},
      `A click fits #${sample} with a point’s settings. `,
      h(
        "span",
        {class: "key"},
        h("i", {class: "front"}),
        "nothing has a lower KL and a higher insertion − deletion",
      ),
      h(
        "span",
        {class: "key"},
        h("i", {class: "dot optimal"}),
        "nothing is better in these and in stability",
      ),
      h("span", {class: "key"}, "stability 0", h("i", {class: "ramp"}), "1"),
    ),
  )
}

/** Round numbers of an axis of ratios: in equal steps where it is short, else a few of each power of ten. */
export function ratioTicks(low, high) {
  if (high < 5 * low) return linearTicks(low, high)
  const made = []
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++)
    for (const step of [1, 2, 5]) made.push(Number((step * 10 ** power).toPrecision(2)))
  return made.filter((value) => value >= low && value <= high)
}

function linearTicks(low, high) {
  const step =
    [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5].find((each) => (high - low) / each <= 6) ?? 1
  const first = Math.ceil(low / step)
  return Array.from(
    {length: Math.max(0, Math.floor(high / step) - first + 1)},
    (_, index) => (first + index) * step,
  )
}
