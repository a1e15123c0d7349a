// A button with an icon, and what it opens.

import {useContext, useLayoutEffect, useRef, useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"
import {Icon} from "./icon.js"
import {attributes, nodes} from "./node.js"
import {useShortcut} from "./shortcut.js"

/** @param {import("../messages.d.ts").Popover} message */
export function Popover({path, children, about, closing, shortcut, pressed, disabled, ...rest}) {
  const card = useContext(Card)
  const [button, box] = [useRef(null), useRef(null)]
  const [openAbout, open] = useState(null)
  const opened = openAbout === about
  useShortcut(disabled || opened ? "" : shortcut, button, () => open(about))
  useLayoutEffect(() => {
    if (opened) box.current.querySelector("textarea, input, select, button")?.focus()
  }, [opened])
  const close = () => {
    open(null)
    button.current.focus()
  }
  const say = (act, value) => {
    card.say(act, value)
    if (closing.includes(act)) close()
  }
  const press = (event) => {
    event.stopPropagation()
    if (event.key === "Escape") close()
  }
  const states = {"aria-pressed": pressed, "aria-expanded": opened, disabled}
  const click = opened ? close : () => open(about)
  return [
    h(
      "button",
      {type: "button", ...attributes(rest), ...states, onClick: click, ref: button},
      h(Icon, {path}),
    ),
    opened &&
      h(
        Card.Provider,
        {value: {...card, say}},
        h("div", {class: "popover", onKeyDown: press, ref: box}, nodes(children)),
      ),
  ]
}
