// A button that puts text on the clipboard.

import {useEffect, useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {attributes, nodes} from "./node.js"

const SAID = 1500 // ms

/** Also where the page came over plain HTTP from another machine. */
export async function toClipboard(text, near) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text)
  const area = document.createElement("textarea")
  area.style.cssText = "position: fixed; opacity: 0"
  area.value = text
  near.after(area)
  area.select()
  document.execCommand("copy")
  area.remove()
}

/**
 * It says for a moment that it has copied: in its words, or, where it is a drawing, beside it.
 * @param {import("../messages.d.ts").Copy} message
 */
export function Copy({children, content, ...rest}) {
  const [copied, tell] = useState(0)
  useEffect(() => {
    const timer = copied && setTimeout(() => tell(0), SAID)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async ({currentTarget}) => {
    await toClipboard(content, currentTarget)
    tell(Date.now())
  }
  const inWords = typeof children[0] === "string"
  const states = {"data-copied": copied && !inWords ? "copied" : undefined}
  const shown = copied && inWords ? "Copied" : nodes(children)
  return h("button", {type: "button", ...attributes(rest), ...states, onClick: copy}, shown)
}
