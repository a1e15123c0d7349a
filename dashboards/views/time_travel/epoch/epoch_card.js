const LISTED = 12   // epochs of a kind
const WIDE = 1000, HIGH = 100, PAD = 8   // of the drawing: it is stretched to its place

export function render({model}) {
  const content = h("div", {class: "content"}), root = h("div", {class: "card"}, content)
  const percent = (share) => `${(100 * share).toFixed(1)} %`
  const signed = (change) => `${change < 0 ? "−" : "+"}${Math.abs(100 * change).toFixed(1)}`

  function chart({curves, epoch, planned}) {
    const all = curves.flatMap(({values}) => values), low = Math.min(...all), high = Math.max(...all, low + .001)
    const x = (at) => (at + .5) / planned * WIDE, y = (value) => PAD + (1 - (value - low) / (high - low)) * (HIGH - 2 * PAD)
    const lines = curves.map(({values}, index) => svgNode("path", {class: index ? "curve train" : "curve test", d: `M${values.map((value, at) => `${x(at)},${y(value)}`).join("L")}`}))
    const svg = svgNode("svg", {viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true"}, svgNode("path", {class: "now", d: `M${x(epoch)},0V${HIGH}`}), lines)
    const dots = curves.flatMap(({values}, index) => values.map((value, at) => at === epoch || values.length === 1 ? h("i", {class: index ? "spot train" : "spot test", style: `left:${100 * x(at) / WIDE}%; top:${y(value)}%`}) : null))
    const columns = h("div", {class: "columns"}, Array.from({length: planned}, (_, at) => at < curves[0].values.length
      ? h("span", {class: "known", title: `Epoch ${at + 1}: ${curves.map(({name, values}) => `${name} ${percent(values[at])}`).join(", ")}`, click: () => say(model, "go", at + 1)}) : h("span")))
    return h("div", {class: "chart", role: "img", "aria-label": curves.map(({name, values}) => `Accuracy on ${name}: ${values.map(percent).join(", ")}`).join(". ")},
      svg, dots, columns, h("span", {class: "quiet top"}, percent(high)), h("span", {class: "quiet bottom"}, percent(low)))
  }

  function number({name, value, low, high, change, images}, index) {
    const hint = `${percent(value)} of ${images.toLocaleString("en")} ${name} are right; 95 % interval ${percent(low)} to ${percent(high)}`
    return h("div", {class: "number", title: hint}, h("span", {class: "quiet"}, h("i", {class: index ? "key train" : "key test"}), name),
      h("span", {}, h("strong", {}, percent(value)), change === null ? null : h("span", {class: change < 0 ? "change down" : "change up"}, signed(change))),
      h("span", {class: "quiet"}, `${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}`))
  }

  /** When it was given another class, and when it crossed a border: numbers lead there. */
  function when({what, hint, epochs}, epoch) {
    const rest = epochs.length - LISTED
    return h("span", {class: "moments", title: `${hint}: ${epochs.length === 1 ? "epoch" : "epochs"} ${epochs.join(", ")}`}, `${what} in `, epochs.slice(0, LISTED).map((at) =>
      h("button", {type: "button", "data-at": `${what} ${at}`, "aria-current": at === epoch + 1 ? "step" : null, "aria-label": `${what}: epoch ${at}`, click: () => say(model, "go", at)}, at)), rest > 0 ? `and ${rest} more` : null)
  }

  function study({image, epoch, planned, waiting}) {
    if (!image) return h("p", {class: "quiet none"}, waiting)
    const {title, story, columns, moments, lines, shape} = image, canvas = h("canvas", {class: "picture", width: shape[1], height: shape[0], role: "img", "aria-label": title})
    if (model.picture.byteLength === shape[0] * shape[1] * shape[2]) canvas.getContext("2d").drawImage(sheetOf(model.picture, shape, 1).canvas, 0, 0)
    return h("div", {class: "study"}, canvas, h("div", {class: "life"},
      h("p", {title: `${title} · ${story}`}, h("strong", {}, title), h("span", {class: "quiet"}, ` · ${story}`)),
      moments.length ? h("p", {class: "quiet when"}, moments.map((each) => when(each, epoch))) : null,
      h("div", {class: "strip", role: "group", "aria-label": "What each epoch says of it"}, Array.from({length: planned}, (_, at) => {
        const said = columns[at]
        return said ? h("button", {type: "button", class: at === epoch ? "said now" : "said", title: said.hint, "aria-label": said.hint, click: () => say(model, "go", at + 1)},
          h("i", {style: `background:${said.color}; height:${Math.max(6, 100 * said.share)}%`}), h("b", {style: `background:${said.color}`})) : h("span", {class: "said"})
      })),
      h("div", {class: "lines"}, lines.map(({text, hint}) => h("p", {class: "quiet", title: hint}, text)))))
  }

  function draw() {
    const {curves} = model.card
    if (!curves) return
    const focused = root.getRootNode().activeElement, held = focused?.classList.contains("said") ? [...focused.parentNode.children].indexOf(focused) : -1, at = focused?.dataset.at
    fill(content, h("div", {class: "numbers"}, curves.map(number)), chart(model.card), study(model.card))
    if (at) [...content.querySelectorAll("[data-at]")].find((button) => button.dataset.at === at)?.focus()
    if (held >= 0) content.querySelectorAll(".said")[held]?.focus()
  }

  let drawing = 0
  model.on(["card", "picture"], () => { drawing ||= requestAnimationFrame(() => { drawing = 0; draw() }) })
  draw()
  return root
}
