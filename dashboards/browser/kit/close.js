// A button that puts away what a pressed one has opened; the focus returns to that one.

import {useContext, useRef} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"
import {attributes} from "./node.js"
import {Shortcut, useShortcut} from "./shortcut.js"

const OPENED = "button[aria-pressed=true]:not(.segmented *)"

export function Close({act, value, ...rest}) {
  const {say} = useContext(Card)
  const button = useRef(null)
  const close = () => {
    say(act, value)
    button.current.getRootNode().querySelector(OPENED)?.focus()
  }
  useShortcut("Esc", close, button)
  return h(
    "button",
    {type: "button", ...attributes({look: "plain-text", ...rest}), onClick: close, ref: button},
    "Close",
    h(Shortcut, {name: "Esc"}),
  )
}
