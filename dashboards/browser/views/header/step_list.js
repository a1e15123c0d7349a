import {fill, h, iconButton, say} from "../../widgets/dom.js"

/** What is selected, and on demand the gestures that it is made of, each of which can be taken out. */
export function stepList(model) {
  const SIGN = {replace: "", add: "+", subtract: "−", intersect: "∩"},
    CLOSE = "M4 4l8 8 M12 4l-8 8"
  const count = h("button", {type: "button", class: "selected", "aria-expanded": "false", click: toggle})
  const said = h("span", {role: "status"}),
    list = h("div", {
      class: "steps",
      role: "list",
      "aria-label": "Gestures of the selection",
      hidden: true,
      keydown: key,
    })
  const box = h("span", {class: "step-box"}, count, list)
  count.append(said)
  let told = ""

  function toggle() {
    if (list.hidden) say(model, "steps")
    else close()
  }

  function close() {
    list.hidden = true
    count.setAttribute("aria-expanded", "false")
  }

  function key(event) {
    if (event.key !== "Escape") return
    event.preventDefault()
    event.stopPropagation()
    close()
    count.focus()
  }

  function open() {
    fill(
      list,
      model.steps.map(([mode, words], index) =>
        h(
          "div",
          {class: "step", role: "listitem"},
          h("b", {class: "sign"}, index ? SIGN[mode] : mode === "subtract" ? "all but" : ""),
          h("span", {}, words),
          iconButton(`Take out: ${words}`, CLOSE, {
            class: "plain",
            click: () => {
              close()
              say(model, "drop", index)
            },
          }),
        ),
      ),
    )
    list.hidden = !model.steps.length
    count.setAttribute("aria-expanded", String(!list.hidden))
    list.querySelector("button")?.focus()
  }

  function follow() {
    const {selected, clear} = model.state
    said.textContent = selected
    count.setAttribute("aria-label", `${selected}, by these gestures`)
    count.disabled = !clear
    count.title = clear ? "The gestures that it is made of" : "Click a cell, lasso the map, or ask in words"
    if (selected !== told) close()
    told = selected
  }

  list.addEventListener("focusout", (event) => {
    if (!box.contains(event.relatedTarget)) close()
  })
  model.on("steps", open)
  return {box, follow}
}
