// Words in one line, as many as fit.

import {useLayoutEffect, useRef} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {attributes, nodes} from "./node.js"

/** @param {import("../messages.d.ts").Notes} message */
export function Notes({children, whole, ...rest}) {
  const [line, more] = [useRef(null), useRef(null)]
  const measure = () => {
    more.current.hidden = line.current.scrollHeight <= line.current.clientHeight
  }
  useLayoutEffect(measure)
  useLayoutEffect(() => {
    const resized = new ResizeObserver(measure)
    resized.observe(line.current)
    return () => resized.disconnect()
  }, [])
  return [
    h("div", {...attributes(rest), ref: line}, nodes(children)),
    h("span", {class: "quiet note", title: whole, ref: more}, "…"),
  ]
}
