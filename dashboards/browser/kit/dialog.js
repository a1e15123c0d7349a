// A card over the page, which has its keys.

import {useContext, useLayoutEffect, useRef} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"
import {attributes, nodes} from "./node.js"
import {dialogs, isTyped} from "./shortcut.js"

/** @param {import("../messages.d.ts").Dialog} message */
export function Dialog({children, keys, look = "", ...rest}) {
  const {say} = useContext(Card)
  const dialog = useRef(null)
  const now = useRef(keys)
  now.current = keys
  useLayoutEffect(() => {
    dialog.current.focus({preventScroll: true})
    const hear = (event) => {
      if (!dialog.current.getClientRects().length || isTyped(event)) return
      // a browser undoes what was typed last, wherever that was
      if ((event.ctrlKey || event.metaKey) && /^[yz]$/i.test(event.key)) event.preventDefault()
      if (event.ctrlKey || event.metaKey || event.altKey) return
      const found = now.current.find(([key]) => key.toLowerCase() === event.key.toLowerCase())
      if (found) {
        say(found[1], found[2])
        event.preventDefault()
      }
      if (found || event.key.length === 1) event.stopImmediatePropagation() // the page's keys rest
    }
    const own = dialog.current
    dialogs.add(own)
    window.addEventListener("keydown", hear, {capture: true})
    return () => {
      dialogs.delete(own)
      window.removeEventListener("keydown", hear, {capture: true})
    }
  }, [])
  const named = attributes({...rest, look: `dialog ${look}`, role: "dialog"})
  return h("section", {...named, "aria-modal": "true", tabIndex: -1, ref: dialog}, nodes(children))
}
