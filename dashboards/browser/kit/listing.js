// A list that scrolls.

import {useLayoutEffect, useRef} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"

/** It begins at its top whenever it is `about` something else. */
export function Listing({tag, about, children, ...attributes}) {
  const list = useRef(null)
  useLayoutEffect(() => {
    list.current.scrollTop = 0
  }, [about])
  return h(tag, {...attributes, ref: list}, children)
}
