// A button that puts away what a pressed one has opened; the focus returns to that one.

import {useContext, useEffect, useRef} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"
import {attributes} from "./node.js"

const FIELDS = "input, textarea, select"
const OPENED = "button[aria-pressed=true]:not(.segmented *)"

export function Close({act, value, ...rest}) {
  const {say} = useContext(Card)
  const button = useRef(null)
  const close = () => {
    say(act, value)
    button.current.getRootNode().querySelector(OPENED)?.focus()
  }
  useEffect(() => {
    const react = (event) => {
      if (event.key !== "Escape" || !button.current.offsetParent) return
      if (event.composedPath()[0].matches?.(FIELDS)) return
      event.preventDefault()
      event.stopImmediatePropagation()
      button.current.click()
    }
    window.addEventListener("keydown", react, {capture: true})
    return () => window.removeEventListener("keydown", react, {capture: true})
  }, [])
  const key = h("kbd", {"aria-hidden": "true"}, "Esc")
  return h(
    "button",
    {type: "button", ...attributes({look: "plain-text", ...rest}), onClick: close, ref: button},
    "Close",
    key,
  )
}
