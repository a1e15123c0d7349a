// A "?" that opens what a view shows, how to use it, and what can mislead in it.

import {useLayoutEffect, useRef} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {helpButton} from "../widgets/help.js"

/** @param {import("../messages.d.ts").HelpButton} message */
export function HelpButton({subject, about, ...help}) {
  const place = useRef(null)
  useLayoutEffect(() => {
    place.current.replaceChildren(helpButton({help}, subject))
  }, [subject, help.what, about])
  return h("span", {class: "helped", ref: place})
}
