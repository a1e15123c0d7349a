import {fill, h, say} from "../../../widgets/dom.js"
import {helpButton} from "../../../widgets/help.js"
import {faultBox, workLine} from "../../../widgets/work.js"
import {compareTab} from "../compare/tab.js"
import {deleteTab} from "../delete/tab.js"
import {downloadTab} from "../download/tab.js"
import {provenanceTab} from "../provenance/tab.js"
import {verifyTab} from "../verify/tab.js"

const DRAW = {
  provenance: provenanceTab,
  download: downloadTab,
  verify: verifyTab,
  compare: compareTab,
  delete: deleteTab,
}

export function render({model}) {
  const head = h("header", {class: "head"})
  const body = h("div", {class: "body", role: "tabpanel", tabindex: -1}),
    work = workLine(() => say(model, "cancel"))
  const root = h("aside", {class: "panel", "aria-label": "The chosen run"}, head, body)
  const help = helpButton(model, "this card")
  let memory = {},
    shown = "" // what a person has set in the browser, for one run

  function drawHead() {
    const {id, state, facts, readable} = model.head
    fill(
      head,
      h(
        "div",
        {class: "who"},
        h("h2", {title: id}, id),
        h("p", {class: "quiet"}, h("span", {class: `state ${state}`}, state), facts ? ` · ${facts}` : ""),
      ),
      h(
        "button",
        {
          type: "button",
          class: "action",
          disabled: !readable,
          title: readable ? "Study it on the Diagnose page" : "It cannot be read",
          click: () => say(model, "open"),
        },
        "Open",
      ),
      help,
    )
  }

  function drawBody(focus) {
    const {card} = model
    const open = [...body.querySelectorAll("details[open]")].map((each) => each.dataset.key)
    const focused = focus ?? body.getRootNode().activeElement?.dataset?.key
    const top = shown === card.tab ? body.scrollTop : 0
    shown = card.tab
    const parts = {model, card, memory, root, busy: Boolean(model.work.text), redraw: drawBody}
    fill(
      body,
      card.title
        ? h(
            "h3",
            {class: `sentence${card.whole === true ? " whole" : card.whole === false ? " broken" : ""}`},
            card.title,
          )
        : null,
      card.text ? h("p", {class: "quiet text"}, card.text) : null,
      card.fault?.found ? faultBox(card.fault) : null,
      card.title ? DRAW[card.tab]?.(parts) : null,
      work.element,
    ) // under the button that began it
    for (const each of body.querySelectorAll("details")) each.open = open.includes(each.dataset.key)
    if (focused) body.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus()
    body.scrollTop = top
  }

  function draw() {
    const {id} = model.head
    if (root.dataset.run !== (id ?? "")) memory = {}
    root.dataset.run = id ?? ""
    if (!id) {
      root.replaceChildren(
        h(
          "div",
          {class: "empty"},
          h("p", {}, "Choose a run to read how it was made, save it, verify it or compare it."),
        ),
      )
      return
    }
    if (!body.isConnected) root.replaceChildren(head, body)
    drawHead()
    drawBody()
    work.show(model.work)
  }

  let pending = 0,
    busy = false
  model.on(["head", "card"], () => {
    if (!pending)
      pending = requestAnimationFrame(() => {
        pending = 0
        draw()
      })
  })
  model.on("work", () => {
    work.show(model.work)
    if (busy !== Boolean(model.work.text)) {
      busy = !busy
      drawBody()
    } // buttons, but not for every report
  })
  draw()
  return root
}
