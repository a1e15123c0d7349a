// Words beside the pointer, within the element around them that is positioned.

import {useLayoutEffect, useRef} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"

/** `at` is where the pointer is, {x, y} in CSS pixels of that element, or null. */
export function Tip({at, words}) {
  const box = useRef(/** @type {HTMLElement | null} */ (null))
  useLayoutEffect(() => {
    if (!at) return
    const {offsetWidth: wide, offsetHeight: tall, offsetParent: around, style} = box.current
    style.left = `${Math.max(4, Math.min(at.x + 12, around.clientWidth - wide - 4))}px`
    style.top = `${at.y + 18 + tall > around.clientHeight ? at.y - tall - 8 : at.y + 18}px`
  })
  return h("div", {class: "tip", hidden: !at, ref: box}, words)
}
