const LABELS = 132      // px to the left of the matrix, for the names of its rows
const ROW = 11          // px: a row is no lower, and what has no room is counted
const HIGH = 30         // px: nor higher
const DIGIT = 6.2       // px of a digit of the units' numbers, which stand on end below
const DENSE = 11.5        // px from one number to the next, at least
const WIDE = 64, WIDEST = 110   // px of the column of a unit, and of a group, at most
const LOW = 40, TALL = 84   // px of the bars

export function render({model}) {
  const canvas = h("canvas", {"aria-hidden": "true"}), names = h("div", {class: "names"}), tip = h("div", {class: "tip", hidden: true})
  const stage = h("div", {class: "stage", role: "slider", tabindex: 0, "aria-label": "Unit shown in full", pointermove: point, pointerleave: () => { tip.hidden = true }, click: choose, keydown: step}, canvas)
  const foot = h("div", {class: "foot quiet"}), root = h("div", {class: "card"}, names, stage, foot, tip)
  let held = null         // what is drawn, and where: for the pointer

  const floats = (bytes) => new Float32Array(bytes instanceof ArrayBuffer ? bytes : bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
  const signed = (value, digits = 2) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`
  const count = (number) => number.toLocaleString("en")
  const capital = (word) => word[0].toUpperCase() + word.slice(1)
  const within = (error) => Number.isNaN(error) ? "" : ` ± ${error.toFixed(2)}`

  function draw() {
    const shown = model.shown
    if (!shown.units) return
    const box = stage.getBoundingClientRect(), width = stage.clientWidth, height = stage.clientHeight
    if (!width || !height || !box.width) return
    const {units, rows, compared, end, reach, at, left, word} = shown, ratio = window.devicePixelRatio || 1
    const mean = floats(model.mean), error = floats(model.error), columns = units.length, from = compared ? 1 : 0
    const numbers = Math.max(18, Math.ceil(6 + DIGIT * String(Math.max(...units)).length))   // px below, for the units' numbers
    const bars = compared ? Math.round(Math.max(LOW, Math.min(TALL, height - numbers - 16 * rows.length))) : 0, gap = compared ? 4 : 0
    const fit = Math.max(1, Math.min(rows.length, Math.floor((height - bars - gap - numbers) / ROW)))
    const tall = Math.min(HIGH, (height - bars - gap - numbers) / fit), top = bars + gap, pitch = Math.min(word === "group" ? WIDEST : WIDE, (width - 4) / columns)
    const palette = diverging(), ink = color("ink"), quiet = color("quiet"), line = color("line"), accent = color("accent")
    canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio)
    const context = canvas.getContext("2d")
    context.scale(ratio, ratio); context.translate(1, 0)
    context.font = `11px ${getComputedStyle(stage).fontFamily}`
    const edge = (column) => Math.round(column * pitch * ratio) / ratio
    for (let row = 0; row < fit; row++) for (let column = 0; column < columns; column++) {
      const value = mean[(row + from) * columns + column], step = Math.max(-127, Math.min(127, Math.round(value / end * 127)))
      context.fillStyle = Number.isNaN(value) ? line : `rgb(${palette[step + 127]})`
      context.fillRect(edge(column), Math.round(top + row * tall), edge(column + 1) - edge(column), Math.round(top + (row + 1) * tall) - Math.round(top + row * tall))
    }
    if (compared) {
      const middle = bars / 2, unit = (bars / 2 - 2) / reach, thin = Math.max(1, Math.min(pitch - 2, pitch * .8))
      context.fillStyle = line; context.fillRect(0, Math.round(middle), columns * pitch, 1)
      for (let column = 0; column < columns; column++) {
        const value = mean[column], high = value * unit, x = (column + .5) * pitch, off = Number.isNaN(error[column]) ? 0 : error[column] * unit
        context.fillStyle = color(value < 0 ? "negative" : "positive")
        context.fillRect(x - thin / 2, Math.min(middle, middle - high), thin, Math.abs(high))
        context.fillStyle = ink
        if (off) context.fillRect(x - .5, middle - high - off, 1, Math.max(1, 2 * off))
      }
      context.fillStyle = line; context.fillRect(0, Math.round(top + 2 * tall) - 1, columns * pitch, 2)  // what is compared stands apart from the classes
    }
    const every = Math.ceil(DENSE / pitch)
    context.textBaseline = "middle"
    for (let column = 0; column < columns; column++) {
      if (column !== at && (column % every || Math.abs(column - at) < every)) continue
      context.save()
      context.translate(Math.max(5, Math.min(width - 7, (column + .5) * pitch)), top + fit * tall + 3)  // half a line of text from either side
      context.fillStyle = column === at ? accent : quiet
      if (column === at) context.font = `bold ${context.font}`
      if (pitch < 22) { context.rotate(-Math.PI / 2); context.textAlign = "right"; context.fillText(units[column], 0, 0) }
      else { context.textAlign = "center"; context.fillText(units[column], 0, 7) }
      context.restore()
    }
    context.strokeStyle = accent; context.lineWidth = 2
    context.strokeRect(edge(at) - 1, 1, Math.max(3, edge(at + 1) - edge(at)) + 2, top + fit * tall - 1)
    fill(names,
      compared ? h("div", {class: "axis quiet", style: `height:${bars + gap}px`}, h("span", {}, `${signed(reach, 1)} sd`), h("span", {}, "difference ± SE"), h("span", {style: `bottom:${gap}px`}, `${signed(-reach, 1)} sd`)) : null,
      rows.slice(0, fit).map(({name, short, color: shade, count: number}) => h("div", {class: shade ? "name" : "name side", style: `height:${tall}px; line-height:${tall}px; font-size:${tall < 13 ? 11 : 12}px`, title: `${name}: ${count(number)} images`},
        shade ? h("i", {class: "swatch", style: `background:${shade}`}) : null, short)),
      rows.length > fit || left ? h("div", {class: "left quiet", title: "The commonest classes of the selection come first; a selection shows its own"}, `${rows.length - fit + left} more ${rows.length - fit + left > 1 ? "classes" : "class"}`) : null)
    fill(foot, h("span", {class: "scale", title: "Mean response, in standard deviations from that of all test images"}, `${signed(-end, 1)} sd`, scaleStrip(palette), `${signed(end, 1)} sd`),
      shown.notes.map(([text, hint]) => h("span", {class: "note", title: hint}, text)))
    held = {mean, error, columns, from, fit, tall, top, pitch, bars}
    stage.setAttribute("aria-label", `${capital(word)} shown in full`)
    stage.setAttribute("aria-valuemin", 0); stage.setAttribute("aria-valuemax", columns - 1); stage.setAttribute("aria-valuenow", at)
    stage.setAttribute("aria-valuetext", says(-1, at))
    stage.dataset.layer = shown.layer; stage.dataset.unit = units[at]; stage.dataset.units = units.join(" ")
  }

  /** What a cell is, or a bar where `row` is -1. */
  function says(row, column) {
    const {units, rows, explained, compared, word} = model.shown, {mean, error, columns, from} = held
    const unit = `${capital(word)} ${units[column]}`, told = `classes explain ${(100 * explained[column]).toFixed(0)} % of its variance`
    if (row < 0 && !compared) return `${unit}: ${told}`
    const at = (row < 0 ? 0 : row + from) * columns + column, number = `${signed(mean[at])}${within(error[at])} sd`
    if (row < 0) return `${unit}: ${number}, ${count(rows[0].count)} images less ${count(rows[1].count)}; ${told}`
    return `${unit}, ${rows[row].name}: ${number}, ${count(rows[row].count)} images`
  }

  function cell(event) {
    const {left, top} = stage.getBoundingClientRect(), x = event.clientX - left - 1, y = event.clientY - top
    const column = Math.floor(x / held.pitch), row = Math.floor((y - held.top) / held.tall)
    return column < 0 || column >= held.columns ? null : {column, row: y < held.top ? -1 : Math.min(held.fit, row)}
  }

  function point(event) {
    const found = held && cell(event)
    tip.hidden = !found || found.row >= held.fit
    if (tip.hidden) return
    tip.textContent = says(found.row, found.column)
    const box = root.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top
    tip.style.left = `${Math.max(4, Math.min(x + 12, box.width - tip.offsetWidth - 4))}px`
    tip.style.top = `${y + 18 + tip.offsetHeight > box.height ? y - tip.offsetHeight - 8 : y + 18}px`
  }

  function open(column) {
    const {units, number} = model.shown
    if (units?.[column] !== undefined) say(model, "unit", {number, unit: units[column]})
  }

  function choose(event) {
    const found = held && cell(event)
    if (found) open(found.column)
  }

  function step(event) {
    const {at, units = []} = model.shown
    const to = {ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1, Home: 0, End: units.length - 1}[event.key]
    if (to === undefined) return
    event.preventDefault(); event.stopPropagation()
    open(Math.max(0, Math.min(units.length - 1, to)))
  }

  const sized = new ResizeObserver(draw)
  sized.observe(stage)
  followTheme(model, draw)
  let drawing = 0
  model.on(["shown", "mean", "error"], () => { drawing ||= requestAnimationFrame(() => { drawing = 0; draw() }) })
  model.on("remove", () => sized.disconnect())
  draw()
  return root
}
