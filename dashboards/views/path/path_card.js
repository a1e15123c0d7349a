export function render({model}) {
  const root = h("div", {class: "path"})

  function branch(side, taken) { // the groups of a soft tree share classes
    const select = (event) => say(model, "branch", {node: side.node, shift: event.shiftKey, ctrl: event.ctrlKey || event.metaKey})
    const hint = `${side.classes}\nClick to select the images on this branch`
    return h("button", {type: "button", class: taken ? "taken" : "other quiet", "aria-pressed": String(side.chosen), title: hint, click: select},
      h("span", {class: "words"}, taken ? side.words : `${model.card.tree === "soft" ? "or" : "not"} ${side.words}`), side.true ? h("i", {class: "true", title: `The ${model.card.against} is here`, role: "img", "aria-label": model.card.against}) : null)
  }

  function step({taken, other, share, note, astray}, number) {
    return h("li", {class: astray ? "astray" : ""},
      h("span", {class: "dot"}, number),
      h("span", {class: "sides"}, branch(taken, true), branch(other, false)),
      h("span", {class: "track", title: `${taken.words} ${taken.probability}, ${other.words} ${other.probability}`},
        h("i", {class: "bar", style: `width:${100 * share}%`})),
      h("span", {class: "share"}, taken.probability),
      h("span", {class: "note"}, note))
  }

  function draw() {
    const {title, trees = [], lines = [], steps = []} = model.card
    const top = root.querySelector("ol")?.scrollTop ?? 0
    const choose = (chosen) => say(model, "choose", chosen)
    const focused = [...root.querySelectorAll("button")].indexOf(root.getRootNode().activeElement)
    fill(root,
      h("header", {}, h("h2", {class: "title", title}, title ?? ""),
        trees.length > 1 ? segmented("tree", trees, model.card.tree, choose) : null,
        steps.length ? h("span", {class: "quiet"}, h("i", {class: "true"}), model.card.against) : null),
      h("div", {class: "lines quiet"}, lines.map(([text, hint]) => h("p", {title: hint}, text))),
      h("ol", {}, steps.map((each, index) => step(each, index + 1))))
    root.querySelector("ol").scrollTop = top
    if (focused >= 0) root.querySelectorAll("button")[focused]?.focus()
  }

  model.on("card", draw)
  draw()
  return root
}
