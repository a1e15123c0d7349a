import {h, say} from "../../widgets/dom.js"

/** Where a person asks for images in words. `model.words` complete what is typed, of which `model.example` is one use, `model.state.query` is asked now,
 *  `model.refused` says what is wrong with what was typed last. */
export function queryBox(model) {
  const MOST = 8
  let words = [],
    chosen = -1
  const input = h("input", {
    type: "text",
    role: "combobox",
    "aria-label": "Query",
    "aria-expanded": "false",
    "aria-controls": "words",
    autocomplete: "off",
    spellcheck: "false",
    title: "Select images by what is known of them (key /)",
    input: suggest,
    keydown,
    blur: close,
  })
  const list = h("div", {class: "words", id: "words", role: "listbox"}),
    fault = h("div", {class: "fault", role: "alert"})
  const box = h("div", {class: "query"}, h("kbd", {"aria-hidden": "true"}, "/"), input, list, fault)

  /** The word before the caret, quote and all. */
  const begun = () => input.value.slice(0, input.selectionStart).match(/"[^"]*$|[\w.]+$/)?.[0] ?? ""

  function suggest() {
    fault.replaceChildren()
    const word = begun().toLowerCase(),
      plain = word.replace(/^"/, "")
    const quoted = (input.value.slice(0, input.selectionStart).match(/"/g) ?? []).length % 2 === 1
    words =
      plain || quoted
        ? model.words
            .filter(([known]) => {
              const bare = known.replace(/^"/, "").toLowerCase()
              return bare !== `${plain}` && bare.startsWith(plain) && (!quoted || known.startsWith('"'))
            })
            .slice(0, MOST)
        : []
    chosen = -1
    show()
  }

  function show() {
    input.setAttribute("aria-expanded", String(words.length > 0))
    list.replaceChildren(
      ...words.map(([word, meaning], index) =>
        h(
          "div",
          {
            role: "option",
            id: `word-${index}`,
            "aria-selected": String(index === chosen),
            pointerdown: (event) => {
              event.preventDefault()
              take(index)
            },
          },
          h("b", {}, word),
          h("span", {class: "quiet"}, meaning),
        ),
      ),
    )
    input.setAttribute("aria-activedescendant", chosen < 0 ? "" : `word-${chosen}`)
  }

  function take(index) {
    const at = input.selectionStart,
      from = at - begun().length
    input.setRangeText(`${words[index][0]} `, from, at, "end")
    close()
    input.focus()
  }

  function close() {
    words = []
    chosen = -1
    show()
  }

  function keydown(event) {
    const down = {ArrowDown: 1, ArrowUp: -1}[event.key]
    if (down && words.length)
      chosen = (chosen + down + words.length + (chosen < 0 && down < 0 ? 1 : 0)) % words.length
    else if (event.key === "Tab" && words.length && !event.shiftKey) take(Math.max(0, chosen))
    else if (event.key === "Enter" && chosen >= 0) take(chosen)
    else if (event.key === "Enter") {
      close()
      say(model, "query", input.value)
    } else if (event.key === "Escape") {
      if (words.length) close()
      else {
        fault.replaceChildren()
        input.blur()
      }
    } else return
    event.preventDefault()
    show()
  }

  function refuse() {
    const {text, begin, end, found} = model.refused
    if (found == null || text !== input.value) {
      fault.replaceChildren()
      return
    }
    fault.replaceChildren(
      h("code", {}, text.slice(0, begin), h("mark", {}, text.slice(begin, end) || " "), text.slice(end)),
      h("p", {}, found),
    )
  }

  function follow() {
    if (box.getRootNode().activeElement !== input || !input.value) input.value = model.state.query
    box.hidden = !model.words.length
    input.placeholder = model.example
  }

  function slash(event) {
    if (
      event.key !== "/" ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      event.composedPath()[0].matches?.("input, textarea, select")
    )
      return
    if (box.offsetParent) {
      event.preventDefault()
      input.focus()
      input.select()
    }
  }
  window.addEventListener("keydown", slash)
  model.on("remove", () => window.removeEventListener("keydown", slash))
  model.on("refused", refuse)
  for (const told of ["words", "example"]) model.on(told, follow)
  return {box, follow}
}
