export function render({model}) {
  const head = h("div", {class: "head"}), frames = h("ol", {class: "frames", "aria-label": "Frames of equal evidence"}), foot = h("div", {class: "foot quiet"}), empty = h("div", {class: "empty"})
  const work = workLine(() => say(model, "cancel"))
  const root = h("div", {class: "card"}, head, work.element, frames, empty, foot)

  function picture(sheet, index, label) {
    const canvas = h("canvas", {width: sheet.width, height: sheet.height, role: "img", "aria-label": label})
    canvas.getContext("2d").drawImage(sheet.canvas, index % sheet.columns * sheet.width, Math.floor(index / sheet.columns) * sheet.height, sheet.width, sheet.height, 0, 0, sheet.width, sheet.height)
    return canvas
  }

  function difference(index, [height, width], palette, label) {
    const held = model.differences, size = height * width
    return signedMap(new Int8Array(held instanceof ArrayBuffer ? held : held.buffer, (held.byteOffset ?? 0) + index * size, size), [height, width], palette, label)
  }

  function controls() {
    const {space, spaces = [], target, targets = [], sentence} = model.card
    const held = root.getRootNode().activeElement, select = held?.tagName === "SELECT", pressed = held?.closest?.(".segmented") ? held.textContent : null
    fill(head, sentence ? h("h3", {}, sentence) : h("span", {class: "h3"}),
      targets.length ? h("select", {"aria-label": "Where it leads", change: (event) => say(model, "target", event.target.value)}, targets.map(([value, text]) => h("option", {value, selected: value === target}, text))) : null,
      spaces.length > 1 ? segmented("Where the image is changed", spaces, space, (name) => say(model, "space", name)) : null)
    if (select) head.querySelector("select")?.focus()
    if (pressed) [...head.querySelectorAll(".segmented button")].find((button) => button.textContent === pressed)?.focus()
  }

  function take() {
    const {shown = {frames: []}, waiting, action, fault, sample, notes = [], transfer, word} = model.card, any = shown.frames.length > 0
    controls()
    frames.hidden = !any
    empty.hidden = any
    fill(empty, fault ? h("p", {class: "warning"}, fault) : null, h("p", {}, waiting ?? ""), action ? h("button", {type: "button", class: "action", click: () => say(model, "draw", sample)}, action) : null)
    if (!any) { fill(frames); fill(foot); return }
    const palette = diverging(), sheet = sheetOf(model.pictures, shown.shape, shown.frames.length)
    fill(frames, shown.frames.map(({answer, short, color, target, change, hint}, at) =>
      h("li", {class: `frame${at === shown.flip ? " flip" : ""}`, title: at === shown.flip ? `Here the answer has changed. ${hint}` : hint},
        h("span", {class: "said"}, h("i", {class: "swatch", style: `background:${color}`}), h("b", {}, short), ` ${answer}`),
        picture(sheet, at, `Frame ${at + 1}: ${hint}`), difference(at, shown.shape.slice(0, 2), palette, `What frame ${at + 1} changes`),
        h("span", {class: "quiet below"}, `‖Δ‖ ${change}${target ? ` · ${word} ${target}` : ""}`))))
    fill(foot, notes.map((note) => h("span", {class: "notes"}, note)),
      h("span", {class: "scale", title: "How much darker or brighter each pixel is than in the image: one scale for all frames"}, `darker ${(100 * shown.end).toFixed(0)} %`, scaleStrip(palette), "brighter"),
      transfer?.length ? h("span", {class: "transfer", title: transfer[1]}, transfer[0]) : null)
  }

  followTheme(model, take)
  let taking = 0
  model.on(["card", "pictures", "differences"], () => { taking ||= requestAnimationFrame(() => { taking = 0; take() }) })
  model.on("work", () => work.show(model.work))
  work.show(model.work)
  take()
  return root
}
