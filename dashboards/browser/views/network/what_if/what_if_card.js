import {fill, h, iconButton, say, segmented} from "../../../widgets/dom.js"
import {drawingOf} from "./drawing.js"

const TOOLS = [
  ["paint", "Paint", "Drag to paint"],
  ["erase", "Erase", "Drag to paint with the background"],
  ["shift", "Shift", "Drag to move the whole image; arrow keys move it by a pixel"],
]
const UNDO = "M3 6h6.5a3.5 3.5 0 0 1 0 7H6 M3 6l3-3 M3 6l3 3"

export function render({model}) {
  const root = h("div", {class: "card"})
  let drawing = null,
    sample = null,
    asked = 0,
    waiting = false,
    stale = false,
    tool = "paint",
    size = 2,
    ink = null,
    from = null,
    began = null
  let canvas = null,
    controls = {},
    silenced = ""

  const shape = () => model.card.shape
  const gray = () => shape()[2] === 1
  const value = () =>
    tool === "erase"
      ? drawing.fill
      : gray()
        ? [Number(ink)]
        : [1, 3, 5].map((at) => parseInt(ink.slice(at, at + 2), 16))

  /** Asks for what is drawn now; while an answer is awaited, once more when it is there. */
  function tell() {
    if (model.card.refusal) return
    if (waiting) {
      stale = true
      return
    }
    waiting = true
    root.toggleAttribute("data-waiting", true)
    const bytes = drawing.pixels()
    let text = ""
    for (let at = 0; at < bytes.length; at += 4096)
      text += String.fromCharCode(...bytes.subarray(at, at + 4096))
    say(model, "edit", {sample, asked: ++asked, image: btoa(text)})
  }

  function changed() {
    paint()
    able()
    controls.angle.value = drawing.place.angle
    controls.turned.textContent = `${drawing.place.angle}°`
    tell()
  }

  const units = () => model.silence.units ?? []
  const able = () => {
    controls.undo.disabled = !drawing.changed
    controls.reset.disabled = !drawing.changed && !units().length
  }

  /** The switch of the unit that the page shows, and a chip for each that is silenced. */
  function silence() {
    if (!controls.silence) return
    const focused = controls.silence.contains(root.getRootNode().activeElement),
      {offer} = model.silence
    const same = (one, other) => one.layer === other.layer && one.unit === other.unit,
      on = Boolean(offer) && units().some((one) => same(one, offer))
    const chip = (one) =>
      h(
        "button",
        {
          type: "button",
          class: "chip held",
          "aria-label": `Let unit ${one.unit} of ${one.layer} answer again`,
          title: `Unit ${one.unit} of ${one.layer} is held at its usual response. Click to let it answer again`,
          click: () => say(model, "silence", {...one, on: false}),
        },
        `${one.unit} · ${one.layer}`,
        h("span", {"aria-hidden": "true"}, " ×"),
      )
    const button = offer
      ? h(
          "button",
          {
            type: "button",
            class: "chip",
            role: "switch",
            "aria-checked": String(on),
            title: "Hold this unit, the one shown on the left, at its usual response",
            click: () => say(model, "silence", {...offer, on: !on}),
          },
          h("i", {class: "knob"}),
          `Silence unit ${offer.unit} of ${offer.layer}`,
        )
      : null
    fill(
      controls.silence,
      button,
      units()
        .filter((one) => !offer || !same(one, offer))
        .map(chip),
    )
    if (focused) controls.silence.querySelector("button")?.focus()
    able()
  }

  function silencing() {
    const now = JSON.stringify(units())
    silence()
    if (now === silenced || !drawing) return
    silenced = now
    tell()
  }

  function paint() {
    const [height, width, channels] = shape(),
      pixels = drawing.pixels(),
      picture = new ImageData(width, height)
    for (let at = 0; at < height * width; at++) {
      for (let c = 0; c < 3; c++) picture.data[4 * at + c] = pixels[at * channels + (channels === 3 ? c : 0)]
      picture.data[4 * at + 3] = 255
    }
    canvas.getContext("2d").putImageData(picture, 0, 0)
  }

  /** Where a pointer is, in pixels of the image. */
  function at(event) {
    const box = canvas.getBoundingClientRect(),
      [height, width] = shape()
    return [
      ((event.clientX - box.left) / box.width) * width,
      ((event.clientY - box.top) / box.height) * height,
    ]
  }

  function down(event) {
    if (event.button || from || model.card.refusal) return
    canvas.setPointerCapture(event.pointerId)
    drawing.begin()
    from = at(event)
    began = [from, {...drawing.place}]
    if (tool !== "shift") drawing.stroke(from, from, size / 2, value())
    changed()
  }

  function move(event) {
    if (!from) return
    const to = at(event),
      [start, {right, down: low}] = began
    if (tool === "shift")
      drawing.move({right: right + Math.round(to[0] - start[0]), down: low + Math.round(to[1] - start[1])})
    else drawing.stroke(from, to, size / 2, value())
    from = to
    changed()
  }

  const up = () => {
    from = began = null
  }

  function key(event) {
    if (!drawing || model.card.refusal) return
    const by = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key]
    if (event.key === "Escape" && (drawing.changed || units().length)) {
      event.preventDefault()
      event.stopPropagation()
      reset()
    } else if (event.key === "z" && (event.ctrlKey || event.metaKey) && drawing.changed) {
      event.preventDefault()
      event.stopPropagation()
      undo()
    } else if (by && event.target === canvas) {
      event.preventDefault()
      event.stopPropagation()
      drawing.begin()
      drawing.move({right: drawing.place.right + by[0], down: drawing.place.down + by[1]})
      changed()
    }
  }

  const undo = () => {
    drawing.undo()
    changed()
  }
  const reset = () => {
    if (units().length) say(model, "silence")
    if (drawing.changed) {
      drawing.reset()
      changed()
    }
  }

  function turn(event) {
    if (!began) {
      drawing.begin()
      began = true
    }
    drawing.move({angle: Number(event.target.value)})
    changed()
  }

  function toolbar() {
    const bar = segmented("Tool", TOOLS, tool, (name) => {
      tool = name
      for (const [index, [other]] of TOOLS.entries())
        bar.children[index].setAttribute("aria-pressed", String(other === tool))
      canvas.dataset.tool = tool
    })
    controls = {
      undo: iconButton("Undo (Ctrl+Z)", UNDO, {class: "plain", disabled: true, click: undo}),
      reset: h(
        "button",
        {
          type: "button",
          class: "chip",
          disabled: true,
          title: "As it is stored, every unit answering (Esc)",
          click: reset,
        },
        "Reset",
      ),
      angle: h("input", {
        type: "range",
        min: -180,
        max: 180,
        step: 5,
        value: 0,
        "aria-label": "Turn, in degrees",
        input: turn,
        change: () => {
          began = null
        },
      }),
      turned: h("output", {class: "quiet"}, "0°"),
      silence: h("span", {class: "silence", role: "group", "aria-label": "Silenced units"}),
    }
    return h(
      "div",
      {class: "tools"},
      bar,
      h(
        "label",
        {},
        h("span", {class: "quiet"}, "Brush"),
        h("input", {
          type: "range",
          min: 1,
          max: Math.max(4, Math.round(shape()[1] / 4)),
          value: size,
          "aria-label": "Brush, in pixels",
          input: (event) => {
            size = Number(event.target.value)
          },
        }),
      ),
      h(
        "label",
        {},
        h("span", {class: "quiet"}, gray() ? "Gray" : "Color"),
        gray()
          ? h("input", {
              type: "range",
              min: 0,
              max: 255,
              value: ink,
              "aria-label": "Gray, 0 to 255",
              input: (event) => {
                ink = event.target.value
              },
            })
          : h("input", {
              type: "color",
              value: ink,
              "aria-label": "Color",
              input: (event) => {
                ink = event.target.value
              },
            }),
      ),
      h("label", {}, h("span", {class: "quiet"}, "Turn"), controls.angle, controls.turned),
      controls.undo,
      controls.reset,
      controls.silence,
    )
  }

  const percent = (share) => `${(100 * share).toFixed(1)}%`

  function said(shown, error) {
    if (error) return [h("p", {class: "failed", role: "alert"}, error)]
    if (!shown) return [h("p", {class: "quiet"}, model.card.refusal || "The teacher is asked …")]
    return [
      h(
        "section",
        {"aria-label": "Probabilities"},
        h(
          "h4",
          {},
          "Probability",
          h("span", {class: "quiet"}, shown.tried === "drawn" ? "bar: drawn · line: stored" : "line: stored"),
        ),
        shown.classes.map(({name, color, before, after, told}) =>
          h(
            "div",
            {class: "row", title: told, "aria-label": told, role: "img"},
            h("span", {class: "name"}, name),
            h(
              "span",
              {class: "bar"},
              h("i", {style: `width:${percent(after)};background:${color}`}),
              h("b", {style: `left:${percent(before)}`}),
            ),
            h(
              "span",
              {class: "value"},
              after < 0.005 ? "< .005" : after > 0.995 ? "> .995" : after.toFixed(2).slice(1),
            ),
          ),
        ),
      ),
      h(
        "section",
        {class: "river", "aria-label": "River"},
        h("h4", {}, `What its ${shown.neighbors} nearest ${shown.among} are`),
        shown.layers.map(({name, before, after, changed}) =>
          h(
            "div",
            {
              class: `row${changed ? " changed" : ""}`,
              title: `${name}: ${before.told} as stored; ${after.told} ${shown.tried === "drawn" ? "as drawn" : "then"}`,
            },
            h("span", {class: "name"}, name),
            voted(before),
            h("span", {class: "quiet", "aria-label": "then"}, "→"),
            voted(after, changed),
          ),
        ),
      ),
      h(
        "section",
        {class: "units", "aria-label": "Units"},
        h("h4", {}, "Units that change most", h("span", {class: "quiet"}, "sd")),
        shown.units.length
          ? shown.units.map(({name, change, told, hint}) =>
              h(
                "div",
                {class: "row", title: hint},
                h("span", {class: "name"}, name),
                h(
                  "span",
                  {class: "bar both"},
                  h("i", {
                    class: change > 0 ? "more" : "less",
                    style: `width:${percent(Math.abs(change) / shown.reach / 2)}`,
                  }),
                ),
                h("span", {class: "value"}, told),
              ),
            )
          : h(
              "p",
              {class: "quiet"},
              shown.tried === "drawn" ? "None: the image is as it is stored." : "None but what is silenced.",
            ),
      ),
    ]
  }

  /** The class is said once where it stays. */
  function voted({name, color, share, told}, said = true) {
    if (!name) return h("span", {class: "vote quiet", title: told}, "?")
    return h(
      "span",
      {class: said ? "vote" : "vote same"},
      said
        ? [h("i", {class: "swatch", style: `background:${color}`}), h("span", {class: "label"}, name)]
        : null,
      h("span", {class: "quiet"}, `${Math.round(100 * share)} %`),
    )
  }

  function show() {
    const {answer} = model,
      mine = answer.sample === sample && answer.asked > 0
    const shown = mine && answer.shown ? answer.shown : model.card.stored
    const without =
      model.card.refusal || (mine && answer.error)
        ? "What if this image were another one?"
        : "The teacher is asked …"
    root.querySelector(".sentence").textContent = shown ? shown.sentence : without
    fill(root.querySelector(".said"), said(shown, mine ? answer.error : ""))
  }

  function draw() {
    if (model.card.sample == null) {
      root.replaceChildren()
      return
    }
    sample = model.card.sample
    drawing = drawingOf(new Uint8Array(model.image), shape())
    ink ??= gray() ? "255" : "#ffffff"
    const [height, width] = shape()
    canvas = h("canvas", {
      width,
      height,
      tabindex: 0,
      role: "application",
      "data-tool": tool,
      "aria-label": `#${sample}: drag to draw, arrow keys to move it, Escape to take all back`,
      style: `aspect-ratio:${width}/${height}`,
      pointerdown: down,
      pointermove: move,
      pointerup: up,
      pointercancel: up,
    })
    fill(
      root,
      h("h3", {class: "sentence", role: "status"}),
      model.card.refusal ? h("p", {class: "quiet refusal"}, model.card.refusal) : null,
      model.card.refusal ? null : toolbar(),
      h("div", {class: "parts"}, canvas, h("div", {class: "said"})),
    )
    silenced = JSON.stringify(units())
    paint()
    silence()
    show()
    waiting = stale = false
    if (!model.card.refusal) tell()
  }

  root.addEventListener("keydown", key)
  model.on("answer", () => {
    if (model.answer.asked === asked) {
      waiting = false
      root.toggleAttribute("data-waiting", false)
      if (stale) {
        stale = false
        tell()
      }
    }
    show()
  })
  model.on("silence", silencing)
  let pending = 0
  model.on(["card", "image"], () => {
    if (!pending)
      pending = requestAnimationFrame(() => {
        pending = 0
        draw()
      })
  })
  draw()
  return root
}
