import {fill, h, say, segmented} from "./dom.js"

export function render({model}) {
  const KINDS = [
    ["", "most confused", "The classes with most errors, and the rest together"],
    ["all", "all", "Every class, in the order of the hierarchy; the wheel zooms"],
  ]
  const list = h("datalist", {id: "names"})
  const input = h("input", {
    type: "search",
    list: "names",
    placeholder: "find a class",
    "aria-label": "Class to show with what it is confused with",
    spellcheck: "false",
    autocomplete: "off",
    change: find,
    input: () => input.setCustomValidity(""),
  })
  const kinds = h("span"),
    told = h("p", {class: "told", role: "status"}),
    root = h("div", {class: "search"}, kinds, input, list, told)

  /** The class that is called so, or the only one whose name has it. */
  function named(text) {
    const wanted = text.toLowerCase(),
      names = model.names.map((name) => name.toLowerCase()),
      exact = names.indexOf(wanted)
    if (exact >= 0) return exact
    const near = names.flatMap((name, index) => (name.includes(wanted) ? [index] : []))
    return near.length === 1
      ? near[0]
      : near.length
        ? `${near.length} classes have “${text}” in their name: type more of it`
        : `No class has “${text}” in its name`
  }

  function find() {
    const text = input.value.trim(),
      found = text && named(text)
    input.setCustomValidity(typeof found === "number" ? "" : found)
    if (input.reportValidity()) say(model, "show", String(found))
  }

  function draw() {
    const {value, everything} = model
    kinds.hidden = !everything
    fill(
      kinds,
      everything
        ? segmented("Which classes are shown", KINDS, value, (kind) => say(model, "show", kind))
        : null,
    )
    input.setCustomValidity("")
    root.title = told.textContent = model.sentence
    input.value = model.names[value] ?? ""
  }

  const offer = () => {
    fill(
      list,
      model.names.map((name) => h("option", {value: name})),
    )
    draw()
  }
  model.on("names", offer)
  for (const name of ["value", "sentence"]) model.on(name, draw)
  offer()
  return root
}
