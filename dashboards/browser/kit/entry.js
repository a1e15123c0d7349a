// A line to type in.

import {useContext, useEffect, useLayoutEffect, useRef, useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"
import {attributes} from "./node.js"

const REST = 100 // ms after a letter in which the next one may come

/** @param {import("../messages.d.ts").Entry} message */
export function Entry({act, placeholder, live, button, about, most, disabled, label, look, ...rest}) {
  const {say} = useContext(Card)
  const [text, type] = useState("")
  const timer = useRef(0)
  useLayoutEffect(() => type(""), [about])
  useEffect(() => () => clearTimeout(timer.current), [])
  const ask = (words, entered) => {
    clearTimeout(timer.current)
    say(act, {text: words, entered})
  }
  const typing = (event) => {
    const words = event.target.value
    type(words)
    clearTimeout(timer.current)
    if (live) timer.current = setTimeout(ask, REST, words, false)
  }
  const enter = (event) => {
    if (live && event.key === "Enter") ask(text, true)
  }
  const input = h("input", {
    ...attributes({...rest, look: button ? undefined : look}),
    type: button ? "text" : "search",
    value: text,
    placeholder,
    "aria-label": label,
    autocomplete: "off",
    spellcheck: false,
    maxLength: most,
    disabled,
    onInput: typing,
    onKeyDown: enter,
    onChange: live || button ? undefined : () => ask(text, true),
  })
  if (!button) return input
  const submit = (event) => {
    event.preventDefault()
    if (text.trim()) ask(text, true)
  }
  const send = h("button", {class: "send", disabled: disabled || !text.trim()}, button)
  return h("form", {class: look, onSubmit: submit}, input, send)
}
