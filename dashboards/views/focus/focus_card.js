export function render({model}) {
  const root = h("div", {style: "height:100%"})
  let unit = "probability"

  function picture([height, width, channels]) {
    const canvas = h("canvas", {class: "picture", width, height, role: "img", "aria-label": "The image under study"})
    const bytes = new Uint8Array(model.image), data = new ImageData(width, height)
    for (let pixel = 0; pixel < height * width; pixel++) {
      for (let c = 0; c < 3; c++) data.data[4 * pixel + c] = bytes[pixel * channels + (channels === 3 ? c : 0)]
      data.data[4 * pixel + 3] = 255
    }
    canvas.getContext("2d").putImageData(data, 0, 0)
    return canvas
  }

  function bars({bars: rows, others}) {
    const largest = Math.max(...rows.map((row) => Math.abs(row.logit)), 1e-9)
    return h("div", {class: "bars"}, rows.map((row) => bar(row, largest)),
      others ? h("p", {class: "quiet legend"}, `and ${others} less probable classes`) : null)
  }

  function bar(row, largest) {
    const span = unit === "probability"
      ? `left:0; width:${100 * row.probability}%`
      : row.logit < 0 ? `right:50%; width:${-50 * row.logit / largest}%` : `left:50%; width:${50 * row.logit / largest}%`
    const value = unit === "probability" ? row.probability.toFixed(2) : row.logit.toFixed(1).replace("-", "−")
    const mark = `${row.true ? " true" : ""}${row.predicted ? " predicted" : ""}`
    return h("div", {class: `row${mark && " marked"}`},
      h("span", {class: "name", title: row.name}, row.short), h("span", {class: `mark${mark}`}),
      h("span", {class: "track"}, h("span", {class: "fill", style: `${span}; background:${row.color}`})),
      h("span", {class: "value"}, value))
  }

  function draw() {
    const card = model.card
    if (card.sample == null) {
      root.replaceChildren(h("div", {class: "empty"}, h("p", {}, card.waiting ?? "")))
      return
    }
    const title = h("h2", {title: card.hint}, h("span", {class: "index"}, `#${card.sample}`), card.title)
    const toggle = card.bars.length ? segmented("Unit of the bars",
      [["probability", "probability", "The teacher's probabilities; they sum to one"],
        ["logit", "logit", "The teacher's logits, before the softmax"]],
      unit, (value) => { unit = value; draw() }) : null
    root.replaceChildren(h("div", {class: "card"},
      h("div", {class: "head"}, title, card.partial ? partial(card.partial) : null,
        card.bars.length ? h("span", {class: "quiet key"}, h("span", {class: "mark true"}), "true") : null,
        card.bars.length ? h("span", {class: "quiet key"}, h("span", {class: "mark predicted"}), "predicted") : null, toggle),
      card.file ? h("p", {class: "quiet file", title: card.file}, card.file) : null,
      h("div", {class: "body"}, picture(card.shape), card.bars.length ? bars(card)
        : h("div", {class: "empty", style: "flex:1"}, h("p", {}, card.waiting)))))
  }

  let pending = 0
  model.on(["card", "image"], () => { pending ||= requestAnimationFrame(() => { pending = 0; draw() }) })
  draw()
  return root
}
