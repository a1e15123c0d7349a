import {betweenPresses, fill, h, say} from "./dom.js"
import {workLine} from "./work.js"

export function render({model}) {
  const root = h("div", {class: "empty"}),
    work = workLine(() => say(model, "cancel"))

  /** The button beside the command that stays to be copied; how far it is, in their place. */
  function action({can, forecast, refusal, work: line = {}, waits_for: waits, reason}, command) {
    work.show(line)
    if (line.text) return h("div", {class: "under-way"}, work.element)
    if (waits)
      return h(
        "div",
        {class: "offer"},
        h("span", {class: "quiet", role: "status"}, `Waits for ${waits}`),
        h("button", {type: "button", class: "plain-text", click: () => say(model, "cancel")}, "Cancel"),
      )
    return [
      reason ? h("div", {class: "fault", role: "alert"}, h("p", {}, reason)) : null,
      h(
        "div",
        {class: "offer"},
        can
          ? h("button", {type: "button", class: "action now", click: () => say(model, "run")}, "Run it now")
          : null,
        can && forecast ? h("span", {class: "quiet"}, forecast) : null,
        can && command ? h("span", {class: "quiet"}, "or") : null,
        command ? h("code", {}, command) : null,
      ),
      command && refusal ? h("p", {class: "quiet"}, refusal) : null,
    ]
  }

  function draw() {
    const {title, text = "", command, verify} = model.message,
      {work: line, waits_for: waits} = model.offer
    const lines = text.split("\n"),
      busy = line?.text || waits
    root.role = verify ? "alert" : null
    fill(
      root,
      title ? h("strong", {style: "font-size: var(--dv-large)"}, title) : null,
      lines
        .slice(0, busy ? 2 : lines.length)
        .map((line, at) => h("p", {class: at === 1 ? "found" : ""}, line)), // the third says what to do
      verify ? h("a", {class: "action", href: verify}, "Verify this run") : null,
      action(model.offer, command),
    )
  }

  model.on(["message", "offer"], betweenPresses(root, draw))
  draw()
  return root
}
