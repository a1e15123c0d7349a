const WORDY = 12        // groups, up to which the columns have room for names
const STRONGEST = 45    // percent of a color in a cell: more would hide its number

export function render({model}) {
  const root = h("div", {class: "card"}), grid = h("div", {class: "grid", role: "group", "aria-label": "Confusion matrix of the epoch", keydown: step})
  root.append(grid)

  const signed = (change) => change ? `${change < 0 ? "−" : "+"}${Math.abs(change).toLocaleString("en")}` : ""
  const swatch = ({color: fill}) => h("i", {class: "swatch", style: `background:${fill || "var(--dv-quiet)"}`})

  function draw() {
    const {groups, count, change, unit, chosen} = model.card
    if (!groups) return
    const focused = root.getRootNode().activeElement?.dataset?.cell, differs = unit === "change" && change
    const total = count.map((row) => row.reduce((sum, value) => sum + value, 0) || 1)
    const most = differs ? Math.max(1, ...change.flat().map(Math.abs)) : 1
    grid.style.gridTemplateColumns = `minmax(56px, max-content) repeat(${groups.length}, minmax(0, 1fr))`
    const head = [h("span", {class: "corner quiet"}, "true ↓ · predicted →"), ...groups.map((group) =>
      h("span", {class: "column", title: `predicted ${group.name}`}, groups.length <= WORDY ? h("span", {class: "name"}, group.short) : null, swatch(group)))]
    const rows = groups.flatMap((group, row) => [h("span", {class: "row", title: `true ${group.name}`}, h("span", {class: "name"}, group.short), swatch(group)),
      ...groups.map((other, column) => {
        const number = count[row][column], moved = change?.[row][column] ?? 0, right = row === column
        const share = differs ? Math.abs(moved) / most : number / total[row]
        const tone = differs ? (moved > 0) === right ? "positive" : "negative" : right ? "accent" : "negative"
        const what = right ? `${number.toLocaleString("en")} ${group.name} recognized` : `${number.toLocaleString("en")} ${group.name} taken for ${other.name}`
        const says = change ? `${what}, ${moved ? `${signed(moved)} since the epoch before` : "as in the epoch before"}` : what
        const strong = STRONGEST * Math.min(1, differs || right ? share : 1.6 * Math.sqrt(share))
        return h("button", {type: "button", class: right ? "cell right" : "cell", title: says, "aria-label": says, "data-cell": `${row},${column}`, tabindex: row || column ? -1 : 0,
          "aria-pressed": String(chosen.some(([a, b]) => a === row && b === column)), style: `background: color-mix(in srgb, var(--dv-${tone}) ${strong}%, var(--dv-surface))`,
          click: (event) => say(model, "select", {true: row, predicted: column, shift: event.shiftKey, ctrl: event.ctrlKey || event.metaKey})},
          differs ? signed(moved) : number ? number.toLocaleString("en") : "")
      })])
    grid.classList.toggle("many", groups.length > WORDY)
    fill(grid, head, rows)
    if (focused) rove(focused)
  }

  function rove(at) {
    const cell = grid.querySelector(`[data-cell="${at}"]`)
    if (!cell) return
    for (const other of grid.querySelectorAll("[tabindex='0']")) other.tabIndex = -1
    cell.tabIndex = 0
    cell.focus()
  }

  function step(event) {
    const by = {ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0]}[event.key], at = event.target.dataset?.cell
    if (!by || !at) return
    const [row, column] = at.split(",").map(Number), last = model.card.groups.length - 1, within = (value) => Math.max(0, Math.min(last, value))
    event.preventDefault(); event.stopPropagation()
    rove(`${within(row + by[0])},${within(column + by[1])}`)
  }

  model.on("card", draw)
  draw()
  return root
}
