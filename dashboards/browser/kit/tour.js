// Steps for who comes first, each beside what it tells of and never over it.

import {useEffect, useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"

const DONE = "deepvid-tour" // in the browser's storage: it was put away
const WIDTH = 300
const HEIGHT = 150
const GAP = 12
const PERIOD = 300 // ms between two looks at where the target is

/** @param {import("../messages.d.ts").Tour} message */
export function Tour({steps, event}) {
  const [step, go] = useState(isDone() ? -1 : 0)
  const [box, place] = useState(/** @type {DOMRect | null} */ (null))
  const shown = steps[step]
  useEffect(() => {
    const begin = () => go(0)
    document.addEventListener(event, begin)
    return () => document.removeEventListener(event, begin)
  }, [event])
  useEffect(() => {
    if (!shown) return
    const look = () => place(shown.targets.map((each) => seen(document, each)).find(Boolean) ?? null)
    look()
    const timer = setInterval(look, PERIOD)
    return () => clearInterval(timer)
  }, [step])
  if (!shown || !box) return null
  const end = () => {
    try {
      localStorage.setItem(DONE, "done")
    } catch {
      /* it is put away as long as the page is open */
    }
    go(-1)
  }
  const last = step === steps.length - 1
  const button = (words, act, look) => h("button", {type: "button", class: look, onClick: act}, words)
  const ring = `left:${box.left - 4}px;top:${box.top - 4}px;width:${box.width + 8}px;height:${box.height + 8}px`
  return [
    h("i", {class: "tour-ring", style: ring}),
    h(
      "section",
      {class: "tour", role: "dialog", "aria-label": "Tour", style: beside(box)},
      h("h2", {class: "title"}, shown.title),
      h("p", {}, shown.text),
      h(
        "footer",
        {},
        h("span", {class: "quiet"}, `${step + 1} of ${steps.length}`),
        last ? null : button("No tour", end, "plain-text"),
        last ? button("Done", end, "action") : button("Next", () => go(step + 1), "action"),
      ),
    ),
  ]
}

function isDone() {
  try {
    return Boolean(localStorage.getItem(DONE))
  } catch {
    return true // nothing is kept here, and nobody wants it anew every time
  }
}

/** Where the first seen element is that a selector fits, however many shadow roots are between. */
function seen(root, selector) {
  const box = [...root.querySelectorAll(selector)].find((each) => each.offsetParent)?.getBoundingClientRect()
  if (box?.width) return box
  for (const {shadowRoot} of root.querySelectorAll("*")) {
    const inside = shadowRoot && seen(shadowRoot, selector)
    if (inside) return inside
  }
  return null
}

/** The place for the box where it covers nothing of the target: below, above, on the left, on the right. */
function beside({left, top, right, bottom}) {
  const across = Math.max(GAP, Math.min(left, innerWidth - WIDTH - GAP))
  const down = Math.max(GAP, Math.min(top, innerHeight - HEIGHT - GAP))
  const places = [
    [across, bottom + GAP, bottom + GAP + HEIGHT < innerHeight],
    [across, top - GAP - HEIGHT, top > HEIGHT + 2 * GAP],
    [left - GAP - WIDTH, down, left > WIDTH + 2 * GAP],
    [right + GAP, down, right + WIDTH + 2 * GAP < innerWidth],
  ]
  const [x, y] = places.find(([, , fits]) => fits) ?? [across, innerHeight - HEIGHT - GAP, true]
  return `left:${x}px;top:${y}px;width:${WIDTH}px`
}
