import {fill, h, say} from "./dom.js"
import {helpButton} from "./help.js"

const FIELDS = "input, textarea, select, [contenteditable]"

export function render({model}) {
  const bar = h("div", {class: "tabs", role: "tablist", "aria-label": model.label}),
    help = h("span", {class: "aside"})
  const names = () => model.tabs.map(([name]) => name)
  const choose = (name) => {
    if (name && name !== model.chosen) say(model, "choose", name)
  }

  function draw() {
    const focused = bar.contains(bar.getRootNode().activeElement)
    fill(
      bar,
      model.tabs.map(([name, title], index) =>
        h(
          "button",
          {
            type: "button",
            role: "tab",
            "aria-selected": String(name === model.chosen),
            tabindex: name === model.chosen ? 0 : -1,
            "aria-keyshortcuts": model.digits ? index + 1 : null,
            title: model.digits ? `${title} (key ${index + 1})` : title,
            click: () => choose(name),
            keydown: step,
          },
          title,
          model.digits ? h("kbd", {"aria-hidden": "true"}, index + 1) : null,
        ),
      ),
    )
    if (focused) bar.querySelector("[aria-selected=true]")?.focus()
    reveal()
  }

  /** Moves the bar alone: `scrollIntoView` moves a page that scrolls, too. */
  function reveal() {
    const chosen = bar.querySelector("[aria-selected=true]")?.getBoundingClientRect(),
      {left, right} = bar.getBoundingClientRect()
    if (chosen?.width) bar.scrollLeft += Math.min(0, chosen.left - left) || Math.max(0, chosen.right - right)
  }

  function step(event) {
    const all = names(),
      at = all.indexOf(model.chosen),
      last = all.length - 1
    const to = {ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at ? at - 1 : last, Home: 0, End: last}[
      event.key
    ]
    if (to === undefined) return
    event.preventDefault()
    choose(all[to])
  }

  function digit(event) {
    const inside = event.composedPath()[0] // at the window, `target` is the outermost component
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || inside.matches?.(FIELDS)) return
    if (/^[1-9]$/.test(event.key)) choose(names()[event.key - 1])
  }

  if (model.digits) window.addEventListener("keydown", digit)
  const resized = new ResizeObserver(reveal) // it is drawn before it has a width
  resized.observe(bar)
  model.on("remove", () => {
    resized.disconnect()
    window.removeEventListener("keydown", digit)
  })
  const explain = () => fill(help, helpButton(model, model.tabs.find(([name]) => name === model.chosen)?.[1]))
  model.on(["tabs", "chosen"], draw)
  model.on(["chosen", "help"], explain)
  draw()
  explain()
  return h("div", {class: "line"}, bar, help)
}
