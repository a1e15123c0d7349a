import {h, iconButton, svgNode} from "../../widgets/dom.js"
import {ratioTicks} from "./tuning.js"

const SIDES = {left: 44, right: 12, top: 22, bottom: 34} // CSS pixels around each of the two plots
const RATES = {sgd: "0.5", momentum: "0.1", nesterov: "0.1", adadelta: "1", lion: "0.001"} // where a person begins; others: 0.01

/** An optimizer's way to the student of one image; over the card until it is closed. `texts` are what is typed in it. */
export function curveSheet({sample, refit}, course, texts, work, {close, follow}) {
  const {busy, fault} = refit.curve
  const optimizers = refit.options
    .find(({name}) => name === "solver")
    .choices.filter((choice) => choice !== "exact")
  const rate = h("input", {
    type: "text",
    value: texts.learning_rate,
    "aria-label": "Learning rate",
    spellcheck: "false",
    autocomplete: "off",
    input: (event) => {
      texts.learning_rate = event.target.value
    },
  })
  const steps = h("input", {
    type: "text",
    value: texts.steps,
    "aria-label": "Steps",
    spellcheck: "false",
    autocomplete: "off",
    input: (event) => {
      texts.steps = event.target.value
    },
  })
  const choose = (event) => {
    texts.solver = event.target.value
    texts.learning_rate = rate.value = RATES[texts.solver] ?? "0.01"
  }
  const solver = h(
    "select",
    {"aria-label": "Optimizer", change: choose},
    optimizers.map((name) => h("option", {value: name, selected: name === texts.solver}, name)),
  )
  const submit = (event) => {
    event.preventDefault()
    follow()
  }
  return h(
    "section",
    {
      class: "sheet curve",
      tabindex: -1,
      "aria-label": `Training curve of the student of #${sample}`,
      keydown: (event) => {
        if (event.key === "Escape") close()
        event.stopPropagation()
      },
    },
    h(
      "div",
      {class: "line"},
      h("h3", {class: "title"}, `How an optimizer would come to the student of #${sample}`),
      iconButton("Close", "M4 4 L12 12 M12 4 L4 12", {class: "plain", click: close}),
    ),
    h(
      "form",
      {class: "asked", submit},
      h("label", {}, "Optimizer", solver),
      h("label", {}, "Learning rate", rate),
      h("label", {title: "Each step sees every fitted neighbor once: an epoch"}, "Steps", steps),
      h("button", {type: "submit", class: "action"}, "Draw"),
    ),
    work,
    fault ? h("p", {class: "warning"}, fault) : null,
    course
      ? drawnCourse(course)
      : h(
          "div",
          {class: "empty"},
          h(
            "p",
            {},
            busy
              ? "The optimizer begins at zero and takes its steps."
              : "Choose an optimizer, and see how far its student stays from the best one.",
          ),
        ),
  )
}

function drawnCourse({step, fitted, held_out, agreement, optimum, floor, temperature, sentence}) {
  const told = h("p", {class: "quiet readout", role: "status"}),
    plots = [],
    last = step.length - 1
  const losses = [...fitted, ...held_out, optimum.fitted, optimum.held_out].map((loss) =>
    Math.max(loss, 1e-4),
  )
  const [low, high] = [Math.log(Math.min(...losses) / 1.15), Math.log(Math.max(...losses) * 1.15)]
  let shown = last

  function tell(index) {
    shown = Math.min(last, Math.max(0, index))
    told.textContent = `Step ${step[shown]}: loss ${fitted[shown].toFixed(3)} nats fitted, ${held_out[shown].toFixed(3)} held out; agreement ${Math.round(100 * agreement[shown])} %`
    for (const plot of plots) plot.mark()
  }

  /** One of the two plots: `lines` [[class, values, label]], `levels` [[class, value]], `height` 0 to 1 of a value. */
  function plot(label, ticks, height, lines, levels) {
    const svg = svgNode("svg", {class: "course", tabindex: 0, role: "img", "aria-label": label}),
      box = h("div", {class: "plot"}, svg)
    const text = (words, attributes) => svgNode("text", attributes, document.createTextNode(words))
    let size = [0, 0],
      rule = null
    const x = (number) =>
      SIDES.left + (number / Math.max(1, step[last])) * (size[0] - SIDES.left - SIDES.right)
    const y = (value) => SIDES.top + (1 - height(value)) * (size[1] - SIDES.top - SIDES.bottom)
    const mark = () => {
      rule?.setAttribute("x1", x(step[shown]))
      rule?.setAttribute("x2", x(step[shown]))
    }

    function draw() {
      if (!size[0] || !size[1]) return
      const right = size[0] - SIDES.right,
        bottom = size[1] - SIDES.bottom
      const across = [0, 0.5, 1]
        .map((part) => Math.round(part * step[last]))
        .filter((number, index, all) => all.indexOf(number) === index)
      rule = svgNode("line", {class: "rule", y1: SIDES.top, y2: bottom})
      svg.setAttribute("viewBox", `0 0 ${size[0]} ${size[1]}`)
      svg.replaceChildren(
        ...ticks.flatMap(([value, words]) => [
          svgNode("line", {class: "grid", x1: SIDES.left, x2: right, y1: y(value), y2: y(value)}),
          text(words, {x: SIDES.left - 6, y: y(value) + 4, "text-anchor": "end"}),
        ]),
        ...across.map((number) =>
          text(String(number), {
            x: x(number),
            y: bottom + 14,
            "text-anchor": number === 0 ? "start" : number === step[last] ? "end" : "middle",
          }),
        ),
        text("steps, each an epoch", {
          class: "axis-name",
          x: (SIDES.left + right) / 2,
          y: size[1] - 4,
          "text-anchor": "middle",
        }),
        text(label, {class: "axis-name", x: 2, y: 12}),
        ...levels.map(([kind, value]) =>
          svgNode("line", {
            class: `level ${kind}`,
            "data-value": value,
            x1: SIDES.left,
            x2: right,
            y1: y(value),
            y2: y(value),
          }),
        ),
        rule,
        ...lines.map(([kind, values]) =>
          svgNode("polyline", {
            class: `way ${kind}`,
            points: values.map((value, index) => `${x(step[index])},${y(value)}`).join(" "),
          }),
        ),
      )
      mark()
    }

    svg.addEventListener("pointermove", (event) => {
      const at =
        (event.clientX - svg.getBoundingClientRect().left - SIDES.left) / (size[0] - SIDES.left - SIDES.right)
      tell(Math.round(at * last))
    })
    svg.addEventListener("pointerleave", () => tell(last))
    svg.addEventListener("keydown", (event) => {
      const to = {ArrowLeft: shown - 1, ArrowRight: shown + 1, Home: 0, End: last}[event.key]
      if (to !== undefined) {
        event.preventDefault()
        tell(to)
      }
    })
    new ResizeObserver(() => {
      size = [box.clientWidth, box.clientHeight]
      draw()
    }).observe(box)
    plots.push({mark})
    return box
  }

  const loss = plot(
    `loss: KL at temperature ${temperature}, nats (↓ better)`,
    spread(ratioTicks(Math.exp(low), Math.exp(high)), low, high),
    (value) => (Math.log(Math.max(value, 1e-4)) - low) / (high - low),
    [
      ["fitted", fitted],
      ["held-out", held_out],
    ],
    [
      ["fitted", optimum.fitted],
      ["held-out", optimum.held_out],
    ],
  )
  const agreed = plot(
    "agreement, held out (↑ better)",
    [0, 0.25, 0.5, 0.75, 1].map((value) => [value, `${100 * value} %`]),
    (value) => value,
    [["held-out", agreement]],
    [
      ["floor", floor],
      ["held-out", optimum.agreement],
    ],
  )
  tell(last)
  const key = (kind, words) => h("span", {class: "key"}, h("i", {class: kind}), words)
  return h(
    "div",
    {class: "drawn"},
    h("p", {class: "sentence"}, sentence),
    h("div", {class: "two"}, loss, agreed),
    h(
      "p",
      {class: "quiet how"},
      key("fitted", "neighbors it is fitted to"),
      key("held-out", "held out"),
      key("level", "the same at the optimum"),
      key("floor", "guessing the commonest class"),
    ),
    told,
  )
}

/** Ticks of a logarithmic axis that stand apart, with their words. */
function spread(values, low, high) {
  const kept = []
  for (const value of values)
    if (!kept.length || Math.log(value) - Math.log(kept.at(-1)) > 0.09 * (high - low)) kept.push(value)
  return kept.map((value) => [value, String(Number(value.toPrecision(3)))])
}
