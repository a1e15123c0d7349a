const SPARK = 56, HIGH = 18

export function render({model}) {
  const root = h("div", {class: "card"})
  let open = false   // the details stay as they were

  const short = (value, unit) => value == null ? "" : unit === "share" ? `${(100 * value).toFixed(1)} %` : value.toFixed(2)

  function spark(values, epoch) {
    const known = values.filter((value) => value != null), low = Math.min(...known), high = Math.max(...known)
    const x = (at) => 3 + at / Math.max(1, values.length - 1) * (SPARK - 6), y = (value) => high === low ? HIGH / 2 : 3 + (1 - (value - low) / (high - low)) * (HIGH - 6)
    const placed = values.map((value, at) => value == null ? null : [x(at), y(value)])
    return svgNode("svg", {width: SPARK, height: HIGH, "aria-hidden": "true"}, svgNode("path", {d: `M${placed.filter((at) => at).map((at) => at.join()).join("L")}`}),
      placed[epoch] ? svgNode("circle", {cx: placed[epoch][0], cy: placed[epoch][1], r: 3}) : null)
  }

  function number(score, {unit}) {
    if (!score) return h("td", {class: "quiet number"}, "–")
    const {value, low, high, chance, number: of} = score, between = low == null ? "" : `95 % interval ${short(low, unit)} to ${short(high, unit)}`
    const hint = [between, of ? `of ${of.toLocaleString("en")} images` : "", chance == null ? "" : `chance ${short(chance, unit)}`].filter(Boolean).join(", ")
    return h("td", {class: "number", title: hint}, h("span", {}, short(value, unit)), low == null ? null : h("small", {class: "quiet"}, `${short(low, unit).replace(" %", "")}–${short(high, unit).replace(" %", "")}`))
  }

  function published(rows) {
    const known = rows.filter(({train, test}) => train?.published != null || test?.published != null)
    if (!known.length) return null
    const cell = (score, unit) => h("td", {class: "number"}, score?.published == null ? "–" : short(score.published, unit))
    return h("details", {open, toggle: (event) => { open = event.target.open }}, h("summary", {}, "As the published code computes them"),
      h("p", {class: "quiet"}, "It counts each image as its own nearest and calls training and test images together “test”. Compare these with published numbers alone."),
      h("table", {}, h("tbody", {}, known.map(({short: name, unit, train, test}) => h("tr", {}, h("th", {scope: "row"}, name), cell(train, unit), cell(test, unit), h("td", {}), h("td", {}))))))
  }

  function draw() {
    const {rows, notes, epoch} = model.card
    if (!rows) return
    fill(root, h("div", {class: "list", tabindex: 0, role: "region", "aria-label": "Measures"}, h("table", {"aria-label": "Measures of the map"},
      h("thead", {}, h("tr", {}, ["measure", "training", "test", "chance", "epochs"].map((text) => h("th", {scope: "col"}, text)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, h("th", {scope: "row", title: row.hint}, row.short, row.better === "less" ? h("span", {class: "quiet"}, " ↓") : null),
        number(row.train, row), number(row.test, row), h("td", {class: "quiet number"}, short((row.test ?? row.train).chance, row.unit)), h("td", {}, spark(row.values, epoch)))))),
      notes.map((text) => h("p", {class: "quiet note"}, text)), published(rows)))
  }

  model.on("card", draw)
  draw()
  return root
}
