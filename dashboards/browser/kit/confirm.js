// A button that asks before anything is done.

import {useLayoutEffect, useRef, useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {nodes} from "./node.js"

/** @param {import("../messages.d.ts").Confirm} message */
export function Confirm({children, button, keep, about, disabled, label, look}) {
  const [asking, ask] = useState(false)
  const first = useRef(null)
  const turned = useRef(false) // by a person: the button that is there then has the focus
  const turn = (to) => {
    turned.current = true
    ask(to)
  }
  useLayoutEffect(() => ask(false), [about])
  useLayoutEffect(() => {
    if (turned.current) first.current?.focus()
    turned.current = false
  }, [asking])
  const open = {type: "button", class: look, ref: first, disabled, onClick: () => turn(true)}
  if (!asking || disabled) return h("p", {class: "answers"}, h("button", open, button))
  const isAnswer = (child) => child?.kind === "button"
  const kept = h("button", {type: "button", class: "action", ref: first, onClick: () => turn(false)}, keep)
  const answers = h("span", {class: "given", onClick: () => ask(false)}, nodes(children.filter(isAnswer)))
  return h(
    "div",
    {class: "fault question", role: "alertdialog", "aria-label": label},
    nodes(children.filter((child) => !isAnswer(child))),
    h("p", {class: "answers"}, kept, answers),
  )
}
