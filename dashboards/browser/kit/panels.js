// What opens, and what a person types in.

import {useContext, useLayoutEffect, useMemo, useRef} from "../vendor/preact/hooks.mjs"
import {createContext, h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"
import {useMemory} from "./memory.js"
import {attributes, nodes} from "./node.js"

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

/** @param {import("../messages.d.ts").Flyout} message */
export function Flyout({text, about, warns = "", children, ...rest}) {
  const card = useContext(Card)
  const [open, turn] = useMemory(`flyout ${text}`, about, false)
  const [warned, hear] = useMemory(`warning ${text}`, about, "")
  useLayoutEffect(() => {
    if (warns === warned) return
    hear(warns)
    if (warns) turn(true)
  }, [warns, about])
  const say = (action, value) => {
    turn(false)
    card.say(action, value)
  }
  const press = (event) => {
    if (event.key === "Escape") turn(false)
    event.stopPropagation()
  }
  const button = {type: "button", class: "chip", "aria-expanded": open, onClick: () => turn(!open)}
  const content = open && h("div", {class: "flyout", onKeyDown: press}, nodes(children))
  return h(
    "div",
    {...attributes(rest), class: "flyout-anchor"},
    h("button", button, text),
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

/** @param {import("../messages.d.ts").TextForm} message */
export function TextForm({fields, about, children, ...rest}) {
  const [typed, type] = useMemory("form", about, {})
  const texts = Object.fromEntries(fields.map(({name, text}) => [name, typed[name] ?? text]))
  const field = ({name, label, hint, choices, implied}) => {
    const put = ({currentTarget: {value}}) => {
      const others = implied.filter(([choice]) => choice === value).map(([, ...other]) => other)
      type({...typed, [name]: value, ...Object.fromEntries(others)})
    }
    const option = (choice) => h("option", {value: choice, selected: choice === texts[name]}, choice)
    const input = choices.length
      ? h("select", {"aria-label": label, onChange: put}, choices.map(option))
      : h("input", {
          type: "text",
          "aria-label": label,
          value: texts[name],
          onInput: put,
          spellcheck: false,
          autocomplete: "off",
        })
    return h("label", {title: hint}, h("span", {}, label), input)
  }
  return h(
    "form",
    {...attributes(rest), onSubmit: (event) => event.preventDefault()},
    h("div", {class: "text-fields"}, fields.map(field)),
    h(Texts.Provider, {value: texts}, nodes(children)),
  )
}

/** @param {import("../messages.d.ts").FormButton} message */
export function FormButton({children, act, value, disabled, main, ...rest}) {
  const {say} = useContext(Card)
  const texts = useContext(Texts)
  const ask = () => say(act, {...Object(value), texts})
  const type = main ? "submit" : "button"
  return h("button", {type, disabled, onClick: ask, ...attributes(rest)}, nodes(children))
}
