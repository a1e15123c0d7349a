import {betweenPresses, fill, h, say} from "../../widgets/dom.js"
import {popoverOf} from "../../widgets/help.js"

/** What pages have started: a chip with what runs or has ended, and the list behind it. */
export function computingMenu(model) {
  const STATES = {
    waiting: "waiting",
    running: "running",
    done: "done",
    cancelled: "cancelled",
    failed: "failed",
  }
  const chip = h("button", {type: "button", class: "chip computing", "aria-label": "Computations"})
  const rows = h("div", {role: "list", "aria-label": "Started from pages"})
  const card = h(
    "div",
    {popover: "auto", class: "help started", role: "dialog", "aria-label": "Computations"},
    h("h2", {class: "title"}, "Started from pages"),
    rows,
    h("p", {class: "quiet"}, "They end with this server; what they have committed stays."),
  )
  const box = popoverOf(chip, card)

  function tell() {
    const all = model.computations,
      running = all.find(({state}) => state === "running")
    const waiting = all.filter(({state}) => state === "waiting").length,
      news = all.find((one) => one.news)
    const told = running ?? news ?? all.find(({state}) => state === "waiting")
    const failed = Boolean(news && news.state === "failed")
    box.hidden = !all.length
    chip.className = `chip computing ${failed ? "failed" : ""}`
    const text = !told
      ? "Computed"
      : running
        ? `${running.title}${running.end ? `, ${running.end}` : " …"}`
        : `${told.title} ${STATES[told.state]}`
    const more = failed && running ? `${news.title} failed` : waiting && running ? `+${waiting}` : ""
    chip.title = running ? `${running.title}: ${running.detail}` : "What pages have started, and how it ended"
    fill(
      chip,
      told ? h("span", {class: `dot ${told.state}`}) : null,
      h("span", {}, text),
      more ? h("span", {class: "quiet"}, more) : null,
      running ? h("span", {class: "fill", style: `width: ${100 * (running.share ?? 0)}%`}) : null,
    )
  }

  function row({number, title, run, state, detail, share, end}) {
    const open = state === "running" || state === "waiting"
    return h(
      "div",
      {class: "row", role: "listitem"},
      h(
        "span",
        {},
        h("b", {}, title),
        " ",
        run
          ? h(
              "button",
              {
                type: "button",
                class: "plain-text",
                title: "Open this run",
                click: () => {
                  card.hidePopover()
                  say(model, "run", run)
                },
              },
              run,
            )
          : null,
      ),
      open
        ? h(
            "button",
            {
              type: "button",
              class: "plain-text",
              "aria-label": `Cancel ${title}`,
              click: () => say(model, "cancel", number),
            },
            "Cancel",
          )
        : h("span", {class: "quiet"}, STATES[state]),
      detail
        ? h("p", {class: state === "failed" ? "failed" : "quiet"}, end ? `${detail}, ${end}` : detail)
        : null,
      state === "running"
        ? h("div", {class: "bar"}, h("span", {style: `width: ${100 * (share ?? 0)}%`}))
        : null,
    )
  }

  function draw() {
    tell()
    if (!card.matches(":popover-open")) return
    fill(rows, model.computations.map(row))
    if (model.computations.some(({news}) => news)) say(model, "looked")
  }

  card.addEventListener("beforetoggle", ({newState}) => {
    if (newState === "open") {
      fill(rows, model.computations.map(row))
      if (model.computations.some(({news}) => news)) say(model, "looked")
    }
  })
  model.on("computations", betweenPresses(card, draw))
  tell()
  return box
}
