import {h} from "./dom.js"

/** Work under way: what it does, how far it is, how long it will take, and a way to stop it. */
export function workLine(cancel) {
  const text = h("b"),
    detail = h("span", {class: "quiet detail"}),
    end = h("span", {class: "quiet"}),
    fill = h("span")
  const bar = h(
    "div",
    {class: "bar", role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100},
    fill,
  )
  const element = h(
    "div",
    {class: "work", role: "status", hidden: true},
    h(
      "div",
      {class: "line"},
      text,
      detail,
      end,
      h("button", {type: "button", class: "plain-text", click: cancel}, "Cancel"),
    ),
    bar,
  )

  function show(work) {
    element.hidden = !work.text
    if (!work.text) return
    text.textContent = work.text
    detail.textContent = work.detail
    end.textContent = work.end
    fill.className = work.share == null ? "unknown" : ""
    fill.style.width = work.share == null ? "" : `${100 * work.share}%`
    if (work.share == null) bar.removeAttribute("aria-valuenow")
    else bar.setAttribute("aria-valuenow", Math.round(100 * work.share))
  }

  return {element, show}
}
