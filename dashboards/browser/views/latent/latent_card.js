import {diverging} from "../../kit/diverging.js"
import {scaleStrip} from "../../widgets/diverging.js"
import {fill, followTheme, h, say, segmented, svgNode} from "../../widgets/dom.js"
import {workLine} from "../../widgets/work.js"
import {axisKey, drawnAxis, drawnFolded, drawnHandle, paintLines} from "./axes.js"
import {
  cellInWords,
  drawnHeat,
  heatLayout,
  OWN,
  paintOwnRow,
  paintRows,
  placeOwnRow,
  scoreOf,
} from "./heat.js"
import {axisScales, TOP} from "./scales.js"
import {shifting} from "./shifting.js"

const AXES = [
  ["information", "by information", "What the latent says of an image: its mean divergence from the prior"],
  ["effect", "by effect", "How far the probability of the predicted class changes within the band"],
  ["directions", "directions", "Principal directions: along which the images of the run differ most"],
]
const PAD = 26,
  STRIP = 62 // CSS pixels beside the axes, and of an axis beside a heat map

export function render({model}) {
  const said = h("p", {class: "sentence"}),
    head = h("div", {class: "head"}),
    warned = h("p", {class: "warning"}),
    how = h("p", {class: "quiet how"})
  const canvas = h("canvas", {class: "behind", "aria-hidden": "true"}),
    drawn = svgNode("g"),
    tip = h("div", {class: "tip", hidden: true})
  const ownRow = svgNode("rect", {
      class: "own-row",
      role: "slider",
      "aria-orientation": "vertical",
      keydown: (event) => key(event),
    }),
    svg = svgNode("svg", {}, drawn, ownRow)
  const plot = h("div", {class: "plot"}, canvas, svg, tip),
    work = workLine(() => say(model, "cancel"))
  const root = h("div", {class: "card"}, said, head, warned, work.element, plot, how)
  const bands = new Map(),
    shift = shifting(model, () => draw())
  let folded = null,
    size = [0, 0],
    marked = 0,
    dragged = null,
    taken = null,
    pointed = null,
    palette = []

  const axes = () => model.card.axes ?? []
  const rows = () => model.told.rows ?? []
  const editor = {
    axes,
    refusal: () => model.card.refusal,
    value: (index) => axes()[index].value + shift.along(index),
    moved: (index) => Math.abs(shift.along(index)) > 1e-5,
    put(index, value) {
      const [low, high] = scales().ends[index],
        amount = Math.max(low, Math.min(high, value)) - axes()[index].value
      shift.put(index, Math.abs(amount) < (high - low) / 400 ? 0 : amount)
    },
    reset: (index) => shift.put(index, 0),
    band: (index) => bands.get(axes()[index].number) ?? axes()[index].band,
    stretched: (index) => bands.has(axes()[index].number),
    stretch(index, half) {
      half === null ? bands.delete(axes()[index].number) : bands.set(axes()[index].number, Math.max(0, half))
      draw()
    },
    folded: () => ({...model.card.others, band: folded ?? model.card.others.band, moved: folded !== null}),
    fold(value) {
      folded = value
      draw()
    },
    /** The pointer leads `follow` from now on, and a double click calls `back`; says whether anything can be moved. */
    drag(event, follow, back) {
      if (model.card.refusal) return false
      dragged = follow
      taken = back
      svg.setPointerCapture(event.pointerId)
      event.preventDefault()
      return true
    },
  }
  const scales = () => axisScales(axes(), size[1])
  const wideOf = (step) => Math.max(4, Math.min(18, step - 6))

  /** Other images: int8 (image, 1 + axis); none while they are of other axes. */
  function places() {
    const held = model.places,
      bytes = held?.byteLength
        ? new Int8Array(held.buffer ?? held, held.byteOffset ?? 0, held.byteLength)
        : new Int8Array()
    const count = bytes.length / (1 + axes().length),
      expected = model.card.heat ? rows().length : count
    return Number.isInteger(count) && count === expected ? {bytes, count} : {bytes: new Int8Array(), count: 0}
  }

  function clean() {
    const ratio = window.devicePixelRatio || 1,
      context = canvas.getContext("2d")
    canvas.width = size[0] * ratio
    canvas.height = size[1] * ratio
    context.scale(ratio, ratio)
    return context
  }

  /** Where the axes stand, the folded one last. */
  function across() {
    const all = axes(),
      count = all.length + (model.card.others ? 1 : 0),
      step = (size[0] - 2 * PAD) / Math.max(1, count - 1)
    return {step, x: (index) => (count > 1 ? PAD + index * step : size[0] / 2)}
  }

  function drawAxes() {
    const all = axes(),
      at = scales(),
      {step, x} = across(),
      wide = wideOf(step),
      every = Math.max(1, Math.ceil(24 / Math.max(step, 1)))
    const line = (of) => all.map((_, index) => `${x(index)},${at.y(index, of(index))}`).join(" ")
    drawn.replaceChildren(
      ...all.map((_, index) =>
        drawnAxis(editor, index, x(index), wide, at, index % every === 0 || all.length === 1),
      ),
      ...(model.card.others ? [drawnFolded(editor, x(all.length), wide, at)] : []),
      svgNode("polyline", {class: "own", points: line((index) => all[index].value)}),
      ...(shift.any() ? [svgNode("polyline", {class: "now", points: line(editor.value)})] : []),
      ...all.map((_, index) => drawnHandle(editor, index, x(index), at)),
    )
  }

  /** What the pointer and keys leave as it is: other images, and the key to the colors. */
  function paintBehind() {
    palette = diverging()
    fill(how, legend())
    if (!size[0] || !axes().length) return
    const {bytes, count} = places(),
      context = clean(),
      {colors, reach, heat} = model.card
    canvas.dataset.images = count
    if (!heat) {
      paintLines(context, bytes, count, axes(), across(), scales(), model.card)
      return
    }
    paintRows(context, bytes, count ? rows() : [], layout(), palette, colors)
    paintOwnRow(context, layout(), editor, palette, reach)
  }

  const layout = () => heatLayout(size, axes().length, rows(), STRIP * (model.card.others ? 2 : 1) + 12)

  function drawHeat() {
    marked = Math.min(marked, axes().length - 1)
    const at = scales(),
      place = layout(),
      shown = places().count ? rows() : [],
      wide = 18
    if (palette.length) paintOwnRow(canvas.getContext("2d"), place, editor, palette, model.card.reach)
    placeOwnRow(ownRow, editor, place, marked, at)
    drawn.replaceChildren(
      ...drawnHeat(axes(), model.card.sample, shown, place, marked).flat(Infinity).filter(Boolean),
      drawnAxis(editor, marked, place.right + STRIP / 2 + 12, wide, at, true),
      drawnHandle(editor, marked, place.right + STRIP / 2 + 12, at),
      ...(model.card.others ? [drawnFolded(editor, place.right + 1.5 * STRIP + 12, wide, at)] : []),
    )
    tell()
  }

  /** Arrow keys to the sides go from latent to latent; the others are those of its axis. */
  function key(event) {
    const by = {ArrowLeft: -1, ArrowRight: 1}[event.key]
    if (by === undefined) {
      if (!model.card.refusal) axisKey(event, editor, marked, scales())
      return
    }
    event.preventDefault()
    event.stopPropagation()
    marked = Math.max(0, Math.min(axes().length - 1, marked + by))
    pointed = null
    draw()
  }

  /** The tooltip of a heat map: of the cell under the pointer, else of the one that keys are on. */
  function tell() {
    const keyed = root.getRootNode().activeElement === ownRow,
      cell = pointed ?? (keyed ? {row: -1, column: marked} : null)
    tip.hidden = !model.card.heat || !cell || cell.row >= rows().length
    if (tip.hidden) return
    const place = layout(),
      {row, column} = cell,
      {bytes} = places()
    const score =
      row < 0
        ? scoreOf(axes()[column], editor.value(column))
        : (model.card.reach * bytes[row * (1 + axes().length) + 1 + column]) / 127
    tip.textContent = cellInWords(editor, rows(), row, column, score)
    const top = (row < 0 ? TOP + OWN : place.top(row) + (row < place.means ? place.mean : place.tall)) + 6
    const below = top + tip.offsetHeight < size[1]
    tip.style.top = `${below ? top : top - 12 - tip.offsetHeight - (row < 0 ? OWN : place.tall)}px`
    tip.style.left = `${Math.max(0, Math.min(size[0] - tip.offsetWidth, place.left(column) - tip.offsetWidth / 2))}px`
  }

  function fitting() {
    const own = bands.size > 0 || folded !== null
    return h(
      "button",
      {
        type: "button",
        class: "chip",
        disabled: Boolean(model.card.refusal),
        title: own
          ? "Its neighbors are drawn within these bands"
          : "Drag the ends of a bar, and its neighbors are drawn within them",
        click: () => say(model, "fit", {sample: model.card.sample, bands: [...bands], others: folded}),
      },
      own ? "Fit a student with these bands" : "Fit a student",
    )
  }

  function legend() {
    const {kind, heat, reach} = model.card,
      others = model.told.legend
    const marks = heat
      ? [
          "a color is how far from the mean of all images: ",
          h("span", {class: "scale"}, `−${reach} sd`, scaleStrip(palette), `+${reach} sd`),
          " · right: the marked latent and its band",
        ]
      : [
          `ticks: 5 % and 95 % of all images · ${kind === "directions" ? "% of the variance · bands belong to latents" : "bar: the band its neighbors are drawn within"}`,
        ]
    return [...marks, others ? ` · ${others}` : null]
  }

  function draw() {
    const {sentence, refusal, fault, kind, heat} = model.card,
      error = model.answered.error
    const active = root.getRootNode().activeElement,
      focused = active?.dataset?.focus,
      pressed = head.contains(active) ? active.textContent : null
    if (shift.begin()) {
      bands.clear()
      folded = pointed = null
    }
    said.textContent = sentence ?? ""
    fill(
      head,
      segmented("Axes", AXES, kind, (value) => say(model, "axes", value)),
      h("span", {class: "space"}),
      fitting(),
      h(
        "button",
        {type: "button", class: "chip", disabled: !shift.any(), click: shift.clear},
        "Back",
        h("kbd", {"aria-hidden": "true"}, "Esc"),
      ),
    )
    if (pressed)
      [...head.querySelectorAll("button")].find((button) => button.textContent === pressed)?.focus()
    warned.textContent = refusal || error || fault || ""
    warned.hidden = !warned.textContent
    if (!heat) tip.hidden = true
    ownRow.style.display = heat ? "" : "none"
    if (!size[0] || !axes().length) {
      drawn.replaceChildren()
      return
    }
    svg.setAttribute("viewBox", `0 0 ${size[0]} ${size[1]}`)
    if (heat) drawHeat()
    else drawAxes()
    if (focused != null) drawn.querySelector(`[data-focus="${focused}"]`)?.focus()
  }

  function drawAll() {
    draw()
    paintBehind()
  }

  const within = (event) => {
    const box = svg.getBoundingClientRect()
    return [event.clientX - box.left, event.clientY - box.top]
  }

  svg.addEventListener("pointermove", (event) => {
    const [x, y] = within(event)
    if (dragged) {
      dragged(y)
      return
    }
    if (!model.card.heat) return
    const row = layout().row(x, y)
    pointed = row === null ? null : {row, column: layout().column(x)}
    svg.style.cursor = row === null ? "" : row < 0 ? "ns-resize" : "pointer"
    tell()
  })
  svg.addEventListener("pointerleave", () => {
    pointed = null
    tell()
  })
  for (const name of ["focus", "blur"]) ownRow.addEventListener(name, tell)
  svg.addEventListener("pointerdown", (event) => {
    const [x, y] = within(event),
      row = model.card.heat ? layout().row(x, y) : null
    if (row === null) return
    marked = layout().column(x)
    if (row < 0) {
      const index = marked,
        from = editor.value(index),
        {ends, tall} = scales()
      draw()
      if (
        editor.drag(
          event,
          (to) => editor.put(index, from + ((y - to) / tall) * (ends[index][1] - ends[index][0])),
          () => editor.reset(index),
        )
      )
        ownRow.focus()
    } else if (rows()[row].sample !== null) say(model, "study", rows()[row].sample)
    else draw()
  })
  svg.addEventListener(
    "pointerdown",
    () => {
      taken = null
    },
    {capture: true},
  )
  svg.addEventListener("dblclick", () => taken?.()) // here, for the drawing has captured the pointer
  for (const name of ["pointerup", "pointercancel"])
    svg.addEventListener(name, () => {
      dragged = null
    })

  function letGo(event) {
    if (
      event.key !== "Escape" ||
      !shift.any() ||
      !root.offsetParent ||
      event.composedPath()[0].matches?.("input, textarea, select")
    )
      return
    event.preventDefault()
    event.stopImmediatePropagation()
    shift.clear()
  }
  window.addEventListener("keydown", letGo, {capture: true})
  const resized = new ResizeObserver(() => {
    size = [plot.clientWidth, plot.clientHeight]
    drawAll()
  })
  resized.observe(plot)
  model.on("remove", () => {
    resized.disconnect()
    window.removeEventListener("keydown", letGo, {capture: true})
  })
  let pending = 0
  model.on(["card", "told", "places"], () => {
    if (!pending)
      pending = requestAnimationFrame(() => {
        pending = 0
        drawAll()
      })
  })
  model.on("work", () => work.show(model.work))
  work.show(model.work)
  followTheme(model, drawAll)
  drawAll()
  return root
}
