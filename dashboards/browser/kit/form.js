// Fields that are sent together.

import {useContext} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"
import {attributes, nodes} from "./node.js"

/** @param {import("../messages.d.ts").Form} message */
export function Form({act, value, children, ...rest}) {
  const {say} = useContext(Card)
  const submit = (event) => {
    event.preventDefault()
    const fields = [...event.currentTarget.elements].filter(({name}) => name)
    say(act, {...value, ...Object.fromEntries(fields.map((field) => [field.name, field.value]))})
  }
  return h("form", {...attributes(rest), onSubmit: submit}, nodes(children))
}

/** @param {import("../messages.d.ts").Field} message */
export function Field({name, value, text, options, most, placeholder, ...rest}) {
  const enter = (event) => {
    if (event.key !== "Enter" || event.shiftKey) return
    event.preventDefault()
    event.currentTarget.form.requestSubmit()
  }
  const own = {...attributes(rest), name}
  const option = ([each, words]) => h("option", {value: each, selected: each === (value ?? "")}, words)
  const field = options.length
    ? h("select", own, options.map(option))
    : h("textarea", {...own, rows: 2, maxLength: most, placeholder, defaultValue: value, onKeyDown: enter})
  return text ? h("label", {}, h("span", {}, text), field) : field
}

/** @param {import("../messages.d.ts").Submit} message */
export function Submit({text, ...rest}) {
  return h("button", {type: "submit", ...attributes(rest)}, text)
}
