// What opens, and what a person types in.

import {useContext, useLayoutEffect, useMemo, useRef} from "../vendor/preact/hooks.mjs"
import {createContext, h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"
import {useMemory} from "./memory.js"
import {attributes, nodes} from "./node.js"
import {useShortcut} from "./shortcut.js"

/** Texts of the fields of a form, by name. */
const Texts = createContext({})

/** @param {import("../messages.d.ts").Fold} message */
export function Fold({name, summary, children, hint, ...rest}) {
  const [open, turn] = useMemory(name, "", false)
  return h(
    "details",
    {...attributes(rest), open, onToggle: ({currentTarget}) => turn(currentTarget.open)},
    h("summary", {title: hint}, nodes(summary)),
    nodes(children),
  )
}

const FIELDS = "textarea, input, select"

/** @param {import("../messages.d.ts").Popover} message */
export function Popover({face, about, children, closing, warns = "", shortcut, pressed, disabled, ...rest}) {
  const card = useContext(Card)
  const [button, box] = [useRef(null), useRef(null)]
  const [open, turn] = useMemory(`popover ${closing}`, about, false)
  const [warned, hear] = useMemory(`warning ${closing}`, about, "")
  const asked = useRef(false) // by hand: then it gets the focus
  const show = () => {
    asked.current = true
    turn(true)
  }
  useShortcut(disabled || open ? "" : shortcut, show, button)
  const close = () => {
    turn(false)
    button.current.focus()
  }
  useShortcut(open ? "Esc" : "", close, box) // wherever the focus is: the button that had it may be gone
  useLayoutEffect(() => {
    if (!open) return
    const press = (event) => {
      const path = event.composedPath()
      if (path.includes(box.current) || path.includes(button.current)) return
      if (!box.current.querySelector(FIELDS)) turn(false) // what was typed is not lost by a press elsewhere
    }
    window.addEventListener("pointerdown", press, {capture: true})
    return () => window.removeEventListener("pointerdown", press, {capture: true})
  }, [open])
  useLayoutEffect(() => {
    if (warns === warned) return
    hear(warns)
    if (warns) turn(true)
  }, [warns, about])
  useLayoutEffect(() => {
    if (open && asked.current) box.current.querySelector(`${FIELDS}, button`)?.focus()
    asked.current = false
  }, [open])
  const say = (act, value) => {
    card.say(act, value)
    if (closing.includes(act)) close()
  }
  const press = (event) => {
    event.stopPropagation()
    if (event.key === "Escape") close()
  }
  const states = {"aria-pressed": pressed, "aria-expanded": open, disabled}
  const opens = {type: "button", ...attributes(rest), ...states, onClick: open ? close : show, ref: button}
  const content = open && h("div", {class: "popover", onKeyDown: press, ref: box}, nodes(children))
  return h(
    "div",
    {class: "anchor"},
    h("button", opens, nodes(face)),
    h(Card.Provider, {value: {...card, say}}, content),
  )
}

/** @param {import("../messages.d.ts").Sheet} message */
export function Sheet({act, children, ...rest}) {
  const card = useContext(Card)
  const sheet = useRef(null)
  const memory = useMemo(() => new Map(), [])
  useLayoutEffect(() => {
    if (document.activeElement === document.body) sheet.current.focus({preventScroll: true})
  })
  const press = (event) => {
    if (event.key === "Escape") card.say(act)
    event.stopPropagation()
  }
  const look = `sheet ${rest.look ?? ""}`
  return h(
    "section",
    {...attributes({...rest, look}), tabIndex: -1, onKeyDown: press, ref: sheet},
    h(Card.Provider, {value: {...card, memory}}, nodes(children)),
  )
}

/** @param {import("../messages.d.ts").Form} message */
export function Form({fields, about, children, ...rest}) {
  const [typed, type] = useMemory(`form ${fields.map(({name}) => name)}`, about, {})
  const texts = Object.fromEntries(fields.map(({name, text}) => [name, typed[name] ?? text]))
  const field = ({name, label, hint, options, implied, most, lines, placeholder}) => {
    const put = ({currentTarget: {value}}) => {
      const others = implied.filter(([option]) => option === value).map(([, ...other]) => other)
      type({...typed, [name]: value, ...Object.fromEntries(others)})
    }
    const enter = (event) => {
      if (event.key !== "Enter" || event.shiftKey) return
      event.preventDefault()
      event.currentTarget.form.querySelector("[type=submit]").click()
    }
    const own = {"aria-label": label, spellcheck: false, autocomplete: "off"}
    const line = {...own, value: texts[name], onInput: put, maxLength: most, placeholder}
    const option = ([value, words]) => h("option", {value, selected: value === texts[name]}, words)
    const input = options.length
      ? h("select", {...own, onChange: put}, options.map(option))
      : lines > 1
        ? h("textarea", {...line, rows: lines, onKeyDown: enter})
        : h("input", {...line, type: "text"})
    return placeholder ? input : h("label", {title: hint}, h("span", {}, label), input)
  }
  return h(
    "form",
    {...attributes(rest), onSubmit: (event) => event.preventDefault()},
    h("div", {class: "fields"}, fields.map(field)),
    h(Texts.Provider, {value: texts}, nodes(children)),
  )
}

/** @param {import("../messages.d.ts").Submit} message */
export function Submit({children, act, value, disabled, main, ...rest}) {
  const {say} = useContext(Card)
  const texts = useContext(Texts)
  const ask = () => say(act, {...Object(value), texts})
  const type = main ? "submit" : "button"
  return h("button", {type, disabled, onClick: ask, ...attributes(rest)}, nodes(children))
}
