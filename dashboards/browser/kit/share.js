// The address of what is seen, to copy.

import {useRef, useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {toClipboard} from "./copy.js"

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/ // names by which a machine knows itself alone

/** @param {import("../messages.d.ts").Share} message */
export function Share({query, label, look}) {
  const field = useRef(/** @type {HTMLInputElement | null} */ (null))
  const [copied, tell] = useState("")
  const link = location.origin + location.pathname + query
  const copy = async () => {
    field.current.select()
    await toClipboard(link, field.current)
    tell(link)
  }
  const alone = copied === link && LOOPBACK.test(location.hostname)
  const said = alone ? `It works on this machine only: the page was opened as ${location.hostname}.` : ""
  return [
    h(
      "div",
      {class: look},
      h("input", {type: "text", readOnly: true, "aria-label": label, value: link, ref: field}),
      h("button", {type: "button", class: "chip", onClick: copy}, copied === link ? "Copied" : "Copy"),
    ),
    h("p", {class: "quiet", role: "status"}, said),
  ]
}
