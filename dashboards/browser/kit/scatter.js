// Points of a plane, each a button, and what is known of the one that is pointed at.

import {useContext} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card, Pointed} from "./context.js"
import {attributes} from "./node.js"

const WIDE = 1000 // of the drawing, which is stretched to its place

/** @param {import("../messages.d.ts").Scatter} message */
export function Scatter({act, dots, line, rings, across, up, ...rest}) {
  const {say} = useContext(Card)
  const {point} = useContext(Pointed)
  const from = ([x, y]) => `left: ${100 * x}%; bottom: ${100 * y}%`
  const at = ([x, y]) => `${WIDE * x},${WIDE * (1 - y)}`
  const rules = [...across.map(([x]) => `M${at([x, 0])}V0`), ...up.map(([y]) => `M${at([0, y])}H${WIDE}`)]
  const dot = ({x, y, value, label, look, style, stop}, number) => {
    const show = () => point({kind: "dot", number})
    return h("button", {
      type: "button",
      class: `dot ${look}`,
      style: `${from([x, y])}; ${style}`,
      tabIndex: stop ? 0 : -1,
      "aria-label": label,
      "data-point": number,
      onPointerEnter: show,
      onFocus: show,
      onPointerLeave: () => point(null),
      onClick: () => say(act, value),
    })
  }
  const side = ({x}) => (x > 0.85 ? "end" : x < 0.15 ? "start" : "")
  return h(
    "div",
    {...attributes(rest), role: "group", class: `chart ticked marked scatter ${rest.look ?? ""}`},
    h(
      "svg",
      {viewBox: `0 0 ${WIDE} ${WIDE}`, preserveAspectRatio: "none", "aria-hidden": "true"},
      h("path", {class: "rule", d: rules.join("")}),
      h("path", {class: "through", d: line.length ? `M${line.map(at).join("L")}` : ""}),
    ),
    up.map(([y, text]) => h("span", {class: "quiet tick", style: `bottom: ${100 * y}%`}, text)),
    across.map(([x, text]) => h("span", {class: "quiet place", style: `left: ${100 * x}%`}, text)),
    dots.map(dot),
    rings.map(({dot, look, name}) => {
      const {x, y} = dots[dot]
      return h(
        "span",
        {class: `ring ${look} ${side({x})}`, style: from([x, y])},
        h("b", {class: "ring-name"}, name),
      )
    }),
  )
}

/** @param {import("../messages.d.ts").Facts} message */
export function Facts({titles, groups, dot, ...rest}) {
  const {at} = useContext(Pointed)
  const shown = at?.kind === "dot" ? at.number : dot
  const fact = ({names, texts, usual, word}) =>
    names.flatMap((name, row) => {
      const [own, other] = [texts[shown][row], texts[usual ?? shown][row]]
      const more = own === other ? null : h("span", {class: "quiet"}, ` ${word} ${other}`)
      return [h("dt", {}, name), h("dd", {class: more && "other"}, own, more)]
    })
  return h(
    "div",
    {...attributes(rest), class: `dot-facts ${rest.look ?? ""}`},
    h("b", {}, titles[shown]),
    groups.map((group) => h("dl", {}, fact(group))),
  )
}
