// A link, or a file that is saved.

import {useEffect, useRef} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {attributes, nodes} from "./node.js"

const saved = new Set() // addresses of files that were saved without a click

/** @param {import("../messages.d.ts").Link} message */
export function Link({children, href, download, at_once, ...rest}) {
  const link = useRef(null)
  useEffect(() => {
    if (!at_once || saved.has(href)) return
    saved.add(href)
    link.current.click()
  }, [href])
  return h("a", {...attributes(rest), href, download, ref: link}, nodes(children))
}
