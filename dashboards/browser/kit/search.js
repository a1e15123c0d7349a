// One of many names, of which a part is typed.

import {useContext, useEffect, useMemo, useRef} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"

/** @param {import("../messages.d.ts").Search} message */
export function Search({act, names, chosen, placeholder, label}) {
  const {say} = useContext(Card)
  const input = useRef(/** @type {HTMLInputElement | null} */ (null))
  const options = useMemo(() => names.map((name) => h("option", {value: name})), [names.join("\n")])
  const find = () => {
    const text = input.current.value.trim()
    const found = text && named(text, names)
    input.current.setCustomValidity(typeof found === "number" ? "" : found)
    if (input.current.reportValidity()) say(act, String(found))
  }
  useEffect(() => {
    input.current.setCustomValidity("")
    input.current.value = names[chosen] ?? ""
  }, [chosen])
  const field = h("input", {
    type: "search",
    list: "names",
    placeholder,
    "aria-label": label,
    spellcheck: false,
    autocomplete: "off",
    onChange: find,
    onInput: () => input.current.setCustomValidity(""),
    ref: input,
  })
  return [field, h("datalist", {id: "names"}, options)]
}

/**
 * The number of the name that is called so, or of the only one that has it in it; else why there is none.
 * @param {string} text
 * @param {string[]} names
 */
function named(text, names) {
  const wanted = text.toLowerCase()
  const all = names.map((name) => name.toLowerCase())
  if (all.includes(wanted)) return all.indexOf(wanted)
  const near = all.flatMap((name, index) => (name.includes(wanted) ? [index] : []))
  if (near.length === 1) return near[0]
  return near.length
    ? `${near.length} classes have “${text}” in their name: type more of it`
    : `No class has “${text}” in its name`
}
