import {h, say} from "../../widgets/dom.js"

const GONE = {
  kind: "interrupted",
  text: "The server does not answer.",
  detail: "When it does again, this page opens as you left it. Should it have stopped, start it as before.",
}

/** Loads the page anew once its server answers; the address holds what is seen. */
async function reopen() {
  const file = document.querySelector("script[src]").src // asking for a page would begin a session
  const answers = () =>
    fetch(file, {method: "HEAD", cache: "no-store"}).then(
      ({ok}) => ok,
      () => false,
    )
  while (!(await answers())) await new Promise((wake) => setTimeout(wake, 1000))
  location.reload()
}

export function render({model, view}) {
  const fill = h("span")
  const bar = h("div", {class: "bar"}, fill)
  const strip = h("div", {class: "strip", role: "status"})

  let gone = false

  function draw() {
    const {kind, text, detail, command, can, refusal, share, partial, end, cancel} = gone ? GONE : model.strip
    strip.hidden = !kind
    strip.className = `strip ${kind ?? ""}`
    bar.hidden = kind !== "running"
    fill.className = share == null ? "unknown" : ""
    fill.style.width = share == null ? "" : `${100 * share}%`
    strip.replaceChildren(
      h("b", {}, text ?? ""),
      h("span", {class: "detail"}, detail ?? ""),
      command ? h("code", {title: refusal ?? ""}, command) : "",
      can
        ? h("button", {class: "action end", type: "button", click: () => say(model, "run")}, "Run it now")
        : "",
      partial ? h("span", {class: "badge"}, `partial: ${partial}`) : "",
      end ? h("span", {class: "end quiet"}, end) : "",
      cancel
        ? h(
            "button",
            {class: `plain-text${end ? "" : " end"}`, type: "button", click: () => say(model, "cancel")},
            "Cancel",
          )
        : "",
      kind === "notice"
        ? h("button", {class: "plain end", type: "button", click: () => say(model, "dismiss")}, "dismiss")
        : "",
      bar,
    )
  }

  model.on("strip", draw)
  view.model.document.on_event("connection_lost", () => {
    if (gone) return
    gone = true
    draw()
    reopen()
  })
  draw()
  return strip
}
