const KINDS = [
  ["input", "weights × input", "What each pixel of this image adds to a class's logit; the pixels and the constant sum to it"],
  ["weights", "weights", "What each pixel would add if it were fully bright"],
]

export function render({model}) {
  const root = h("div", {style: "height:100%"})
  let kind = "input"
  let fit = null          // index of the fit shown; null: the smoothest, which is the default picture
  let hovered = null, pinned = null   // classes, as positions among the shown ones
  let palette = []

  const card = () => model.card
  const chosen = () => fit !== null && fit < card().fits.length ? fit
    : card().fits.reduce((best, each, index, all) => each.smoothness > all[best].smoothness ? index : best, 0)

  /** Values in 127ths of the scale, of one map. */
  function values(which, position) {
    const [height, width] = card().shape, size = height * width, classes = card().classes.length
    const block = (chosen() * 2 + (which === "weights" ? 0 : 1)) * classes + position
    const start = which === "gradient" ? card().fits.length * 2 * classes : block
    return new Int8Array(bytes(), start * size, size)
  }

  function bytes() {
    const held = model.maps
    return held instanceof ArrayBuffer ? held : held.buffer.slice(held.byteOffset, held.byteOffset + held.byteLength)
  }

  function difference(a, b) {
    const first = values(kind, a), second = values(kind, b)
    return Int16Array.from(first, (value, index) => Math.max(-127, Math.min(127, value - second[index])))
  }

  /** 255 colors from negative over the surface (zero) to positive, even steps in linear light's cube root. */
  function makePalette() {
    const stops = ["negative", "surface", "positive"].map((name) => toLab(color(name)))
    palette = Array.from({length: 255}, (_, index) => {
      const at = (index - 127) / 127, end = at < 0 ? stops[0] : stops[2]
      return fromLab(stops[1].map((zero, c) => zero + (end[c] - zero) * Math.abs(at)))
    })
  }

  function pixels(canvas, data, height, width) {
    const image = new ImageData(width, height)
    data.forEach((value, pixel) => image.data.set([...palette[Math.max(-127, value) + 127], 255], 4 * pixel))
    canvas.getContext("2d").putImageData(image, 0, 0)
  }

  function map(data, label) {
    const [height, width] = card().shape
    const canvas = h("canvas", {class: "map", width, height, role: "img", "aria-label": label})
    pixels(canvas, data, height, width)
    return canvas
  }

  function large(data, label, details, title) {
    return h("figure", {title}, map(data, label), caption(label, details))
  }

  function caption(label, details) {
    return h("figcaption", {}, h("b", {}, label), details.map((detail) => h("span", {}, detail)))
  }

  function classFigure(position, role) {
    const one = card().classes[position], sums = card().fits[chosen()].sums[position]
    const pixels = number(sums.pixels), constant = number(sums.constant), sum = number(sums.pixels + sums.constant)
    const said = kind === "input" ? `Σ ${pixels} + c ${constant} = ${sum}` : "if fully bright"
    return large(values(kind, position), `${one.label}${role}`, [said, `teacher’s logit ${number(one.teacher)}`],
      `${one.name}. Pixels of weights × input sum to ${pixels}; with the constant c the student says `
      + `${sum} where the teacher's logit is ${number(one.teacher)}`)
  }

  function largeRow() {
    const {contrast, classes, gradient} = card(), [first, second] = contrast
    const inspected = hovered ?? pinned
    const names = `${classes[first].label} − ${classes[second].label}`
    return h("div", {class: "large"},
      classFigure(first, " · predicted"), classFigure(second, card().correct ? " · runner-up" : " · true"),
      inspected !== null ? classFigure(inspected, "")
        : large(difference(first, second), names, ["student’s difference"], "The first map minus the second: what decides between the two"),
      gradient ? large(values("gradient", 0), names, [`gradient · scale ±${significant(gradient.scale)}`],
        "The teacher's own gradient of this difference, averaged over the neighborhood, on a scale of its own")
        : h("figure", {title: "This student was fitted with gradient_neighbors = 0"},
          h("div", {class: "map absent"}, "not computed"), caption(names, ["gradient"])))
  }

  function strip() {
    const {classes, contrast, others} = card()
    const cells = classes.map((one, position) => h("button", {
      type: "button", class: contrast.includes(position) ? "contrast" : "", title: one.name,
      "aria-pressed": String(pinned === position), "aria-label": `Enlarge ${one.name}`,
      // not `pointerenter`: what appears under a pointer at rest would take it for a wish
      pointermove: () => inspect(position), pointerleave: () => inspect(null), focus: () => inspect(position), blur: () => inspect(null),
      click: () => { pinned = pinned === position ? null : position; draw() },
    }, h("span", {}, one.short), map(values("input", position), `${one.name}, weights × input`), map(values("weights", position), `${one.name}, weights`)))
    return h("div", {class: "strip", style: `--columns:${Math.max(classes.length, 8)}`},
      h("span", {class: "rowname", style: "grid-area: 1 / 1"}, others ? `top ${classes.length} of ${classes.length + others}` : ""),
      h("span", {class: "rowname", style: "grid-area: 2 / 1"}, "weights × input"),
      h("span", {class: "rowname", style: "grid-area: 3 / 1"}, "weights"), cells)
  }

  function inspect(position) {
    if (position === hovered) return
    hovered = position
    root.querySelector(".large")?.replaceWith(largeRow())
  }

  function trust() {
    const {sentence, agreement, low, high, floor} = card().fits[chosen()]
    const at = (share) => `left:${100 * share}%`
    const words = sentence.split(/(\S+ %\S*)/)  // every other part is a share, which no line breaks
      .map((part, i) => i % 2 ? h("span", {class: "share"}, part) : part)
    return h("div", {class: "trust"}, h("p", {}, ...words),
      h("div", {class: "meter", role: "img", "aria-label": sentence},
        h("span", {class: "rail"}), h("span", {class: "interval", style: `${at(low)}; width:${100 * (high - low)}%`}),
        h("span", {class: "floor", style: at(floor), title: "what guessing the commonest class would reach"}),
        h("span", {class: "value", style: at(agreement)}),
        h("span", {class: "label", style: at(Math.min(.9, agreement))}, `${Math.round(100 * agreement)} %`),
        Math.abs(floor - agreement) > .3 ? h("span", {class: "label", style: at(Math.max(.12, floor))}, `floor ${Math.round(100 * floor)} %`) : null))
  }

  function scaleBar() {
    const canvas = h("canvas", {width: 255, height: 1})
    pixels(canvas, Array.from({length: 255}, (_, index) => index - 127), 1, 255)
    const {scale} = card().fits[chosen()]
    return h("div", {class: "scale quiet", title: "Logits a pixel; the strongest 0.1 % take the end color. Zero is the background."},
      `against −${significant(scale)}`, canvas, `+${significant(scale)} for`)
  }

  function controls() {
    const {fits, choices, settings_key} = card()
    const fitOptions = fits.map((each, index) => [index, each.smoothness ? `smoothed` : "plain",
      each.smoothness ? `Fitted with smoothness ${each.smoothness}: readable shapes, with its own fidelity` : "Fitted without smoothing"])
    return h("div", {class: "controls"},
      fits.length > 1 ? segmented("Fit", fitOptions, chosen(), (value) => { fit = value; draw() }) : null,
      segmented("Large pictures", KINDS, kind, (value) => { kind = value; draw() }),
      choices.length > 1 ? h("select", {"aria-label": "Settings of the student", change: (event) => say(model, "settings", event.target.value)},
        choices.map(([value, text]) => h("option", {value, selected: value === settings_key}, text))) : null,
      scaleBar())
  }

  function absent({title, text, command, action, busy, error, refusal}) {
    return h("div", {class: "empty"}, title ? h("strong", {}, title) : null, h("p", {}, text),
      error ? h("p", {class: "warning"}, error) : null,
      action ? h("button", {type: "button", class: "action", disabled: busy || Boolean(refusal), title: refusal ?? "",
        click: () => say(model, "fit")}, action) : null,
      refusal ? h("p", {class: "quiet", role: "note"}, refusal) : null,
      command ? h("code", {}, command) : null)
  }

  function draw() {
    const shown = card()
    if (!shown.fits) { root.replaceChildren(absent({text: "", ...shown})); return }
    makePalette()
    if (pinned !== null && pinned >= shown.classes.length) pinned = null
    root.replaceChildren(h("div", {class: "card"}, trust(),
      shown.warning ? h("p", {class: "warning"}, shown.warning) : null,
      controls(), h("div", {class: "maps"}, largeRow(), strip()), h("footer", {class: "quiet", title: shown.settings}, shown.settings)))
  }

  let pending = 0
  model.on(["card", "maps"], () => { pending ||= requestAnimationFrame(() => { pending = 0; hovered = null; draw() }) })
  followTheme(model, draw)
  draw()
  return root
}

/** Three digits, no more behind the point than two. */
function number(value) {
  const digits = Math.abs(value) < 9.995 ? 2 : Math.abs(value) < 99.95 ? 1 : 0
  return value.toFixed(digits).replace("-", "−")
}

const significant = (value) => String(Number(value.toPrecision(2)))

// Oklab (Ottosson 2020): even steps between two colors look even.
const linear = (channel) => channel <= .04045 ? channel / 12.92 : ((channel + .055) / 1.055) ** 2.4
const encoded = (light) => 255 * (light <= .0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - .055)

function toLab(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => linear(parseInt(hex.slice(at, at + 2), 16) / 255))
  const l = Math.cbrt(.4122214708 * r + .5363325363 * g + .0514459929 * b)
  const m = Math.cbrt(.2119034982 * r + .6806995451 * g + .1073969566 * b)
  const s = Math.cbrt(.0883024619 * r + .2817188376 * g + .6299787005 * b)
  return [.2104542553 * l + .793617785 * m - .0040720468 * s, 1.9779984951 * l - 2.428592205 * m + .4505937099 * s,
    .0259040371 * l + .7827717662 * m - .808675766 * s]
}

function fromLab([L, a, b]) {
  const l = (L + .3963377774 * a + .2158037573 * b) ** 3, m = (L - .1055613458 * a - .0638541728 * b) ** 3
  const s = (L - .0894841775 * a - 1.291485548 * b) ** 3
  return [4.0767416621 * l - 3.3077115913 * m + .2309699292 * s, -1.2684380046 * l + 2.6097574011 * m - .3413193965 * s,
    -.0041960863 * l - .7034186147 * m + 1.707614701 * s].map((light) => Math.max(0, Math.min(255, Math.round(encoded(light)))))
}
